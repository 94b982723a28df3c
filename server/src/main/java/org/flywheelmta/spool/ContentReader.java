package org.flywheelmta.spool;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.PooledByteBufAllocator;
import java.nio.ByteBuffer;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.function.Consumer;
import java.util.zip.CRC32C;
import org.flywheelmta.base.ReadOnlyThreadSafe;
import org.flywheelmta.base.SingleThreadSafe;
import org.flywheelmta.disk.Disk;
import org.flywheelmta.disk.DiskFailure;
import org.flywheelmta.message.Content;
import org.flywheelmta.message.ContentStore;
import org.flywheelmta.scheduler.Job;

/** Reads contents back from the segments, verifying every octet against its record's checksum. */
@ReadOnlyThreadSafe
final class ContentReader {
  private final Disk disk;
  private final Consumer<Request> commits;

  /**
   * @param commits told when a read is over, so that the segments may go again
   */
  ContentReader(Disk disk, Consumer<Request> commits) {
    this.disk = disk;
    this.commits = commits;
  }

  /** A read of a transaction whose segments the caller pins. */
  Read job(Residence residence, ContentStore.Completion completion) {
    var segments = new LinkedHashSet<Segment>();
    segments.add(residence.home.segment());
    residence.chunks.forEach(chunk -> segments.add(chunk.segment()));
    return new Read(residence.home, residence.chunks, List.copyOf(segments), completion);
  }

  /** One read. */
  @SingleThreadSafe
  final class Read implements Job<Content> {
    private final Residence.Extent home;
    private final List<Residence.Extent> chunks;
    private final List<Segment> segments;
    private final ContentStore.Completion completion;

    private Read(
        Residence.Extent home,
        List<Residence.Extent> chunks,
        List<Segment> segments,
        ContentStore.Completion completion) {
      this.home = home;
      this.chunks = chunks;
      this.segments = segments;
      this.completion = completion;
    }

    List<Segment> segments() {
      return segments;
    }

    @Override
    public Content work() throws DiskFailure {
      try {
        return content(home, chunks);
      } finally {
        commits.accept(new Request.Unpin(segments));
      }
    }

    @Override
    public void onDone(Content content) {
      completion.onLoaded(content);
    }

    @Override
    public void onFailed(Exception failure) {
      completion.onUnavailable(false, "its content cannot be read: " + failure.getMessage());
    }
  }

  /** The content that lies there; one reference passes to the caller. */
  Content content(Residence.Extent home, List<Residence.Extent> chunks) throws DiskFailure {
    var record = payload(home);
    try {
      var prefix = TransactionCodec.Prefix.decode(record.slice());
      var inline = record.slice(prefix.contentAt(), prefix.inlineBytes());
      if (chunks.isEmpty()) {
        return new Content(inline.retain(), prefix.shape(), null, record.capacity());
      }
      return new Content(joined(inline, chunks, prefix), prefix.shape(), null, 0);
    } finally {
      record.release();
    }
  }

  private ByteBuf joined(
      ByteBuf inline, List<Residence.Extent> chunks, TransactionCodec.Prefix prefix)
      throws DiskFailure {
    int size = Math.toIntExact(prefix.contentBytes());
    var joined = PooledByteBufAllocator.DEFAULT.directBuffer(size, size);
    boolean whole = false;
    try {
      joined.writeBytes(inline);
      for (var chunk : chunks) {
        var part = payload(chunk);
        try {
          joined.writeBytes(part.skipBytes(OpenChunks.PREFIX_BYTES));
        } finally {
          part.release();
        }
      }
      whole = true;
      return joined;
    } finally {
      if (!whole) {
        joined.release();
      }
    }
  }

  /** A record's payload in one direct buffer, which the caller releases. */
  private ByteBuf payload(Residence.Extent extent) throws DiskFailure {
    int size = extent.payloadLength();
    var segment = extent.segment();
    var payload = PooledByteBufAllocator.DEFAULT.directBuffer(size, size);
    boolean whole = false;
    try (var file = disk.openRead(segment.path)) {
      var head = ByteBuffer.allocate(RecordHeader.BYTES);
      file.read(head, extent.position());
      var header = new RecordHeader();
      var into = payload.nioBuffer(0, size);
      int read = file.read(into, extent.position() + (long) RecordHeader.BYTES);
      var crc = new CRC32C();
      if (!header.decode(head, 0, segment.header.incarnation())
          || header.payloadLength != size
          || read < size) {
        throw damaged(extent);
      }
      header.seed(crc);
      crc.update(payload.nioBuffer(0, size));
      if ((int) crc.getValue() != header.payloadCrc) {
        throw damaged(extent);
      }
      whole = true;
      return payload.writerIndex(size);
    } finally {
      if (!whole) {
        payload.release();
      }
    }
  }

  private static DiskFailure damaged(Residence.Extent extent) {
    var text = "the record at octet " + extent.position() + " is damaged";
    return new DiskFailure(DiskFailure.Kind.IO, extent.segment().path, text, null);
  }
}
