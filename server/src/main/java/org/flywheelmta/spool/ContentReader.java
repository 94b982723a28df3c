package org.flywheelmta.spool;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import java.nio.ByteBuffer;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.function.Consumer;
import java.util.zip.CRC32C;
import org.flywheelmta.base.Lender;
import org.flywheelmta.base.ReadOnlyThreadSafe;
import org.flywheelmta.base.SingleThreadSafe;
import org.flywheelmta.disk.Disk;
import org.flywheelmta.disk.DiskFailure;
import org.flywheelmta.message.Content;
import org.flywheelmta.message.ContentStore;
import org.flywheelmta.scheduler.Job;
import org.jspecify.annotations.Nullable;

/** Reads contents back from the segments, verifying every octet against its record's checksum. */
@ReadOnlyThreadSafe
final class ContentReader {
  private final Disk disk;
  private final ByteBufAllocator allocator;
  private final Consumer<Request> commits;

  /**
   * Reads from {@code disk} into buffers of {@code allocator}.
   *
   * @param commits told when a read is over, so that the segments may go again
   */
  ContentReader(Disk disk, ByteBufAllocator allocator, Consumer<Request> commits) {
    this.disk = disk;
    this.allocator = allocator;
    this.commits = commits;
  }

  /** How many bytes a content pins once it is read back. */
  static long bytes(Residence residence) {
    long bytes = residence.home.payloadLength();
    for (var chunk : residence.chunks) {
      bytes += chunk.payloadLength();
    }
    return bytes;
  }

  /**
   * A read of a transaction whose segments the caller pins.
   *
   * @param lender where its {@link #bytes} were taken for it; it has them back with the content, or
   *     when there will be none
   */
  Read job(Residence residence, Lender lender, ContentStore.Completion completion) {
    var segments = new LinkedHashSet<Segment>();
    segments.add(residence.home.segment());
    residence.chunks.forEach(chunk -> segments.add(chunk.segment()));
    return new Read(
        residence.home,
        residence.chunks,
        List.copyOf(segments),
        lender,
        bytes(residence),
        completion);
  }

  /** One read. */
  @SingleThreadSafe
  final class Read implements Job<ContentReader.Result> {
    private final Residence.Extent home;
    private final List<Residence.Extent> chunks;
    private final List<Segment> segments;
    private final Lender lender;
    private final long bytes;
    private final ContentStore.Completion completion;

    private Read(
        Residence.Extent home,
        List<Residence.Extent> chunks,
        List<Segment> segments,
        Lender lender,
        long bytes,
        ContentStore.Completion completion) {
      this.home = home;
      this.chunks = chunks;
      this.segments = segments;
      this.lender = lender;
      this.bytes = bytes;
      this.completion = completion;
    }

    List<Segment> segments() {
      return segments;
    }

    @Override
    public Result work() {
      try {
        return read(home, chunks, lender, bytes);
      } finally {
        commits.accept(new Request.Unpin(segments));
      }
    }

    @Override
    public void onDone(Result result) {
      switch (result) {
        case Result.Whole(var content) -> completion.onLoaded(content);
        case Result.Later(var why) -> completion.onUnavailable(true, why);
        case Result.Never(var why) -> completion.onUnavailable(false, why);
      }
    }

    @Override
    public void onFailed(Exception failure) {
      throw new IllegalStateException("a content was read", failure);
    }
  }

  /** What came of a read. */
  sealed interface Result {
    /** One reference passes to whoever has it. */
    record Whole(Content content) implements Result {}

    /** The disk or the process cannot read just now. */
    record Later(String why) implements Result {}

    /** It is damaged. */
    record Never(String why) implements Result {}
  }

  private Result read(
      Residence.Extent home, List<Residence.Extent> chunks, Lender lender, long bytes) {
    boolean whole = false;
    try {
      var content = content(home, chunks, lender, bytes);
      whole = true;
      return new Result.Whole(content);
    } catch (DiskFailure failure) {
      // Out of descriptors, an error of the device: the octets may be whole, so nobody gives up.
      return failure.kind() == DiskFailure.Kind.DAMAGED
          ? new Result.Never("its content is damaged: " + failure.getMessage())
          : new Result.Later("its content cannot be read: " + failure.getMessage());
    } catch (OutOfMemoryError full) {
      // Of native memory, which is counted and refused without harm to anything else.
      return new Result.Later("there is no memory for its content");
    } finally {
      if (!whole) {
        lender.release(bytes);
      }
    }
  }

  /**
   * The content that lies there; one reference passes to the caller.
   *
   * @param lender where {@code bytes} were taken for it; null where nobody counts
   */
  Content content(
      Residence.Extent home, List<Residence.Extent> chunks, @Nullable Lender lender, long bytes)
      throws DiskFailure {
    var record = payload(home);
    try {
      var prefix = TransactionCodec.Prefix.decode(record.slice());
      var inline = record.slice(prefix.contentAt(), prefix.inlineBytes());
      var octets = chunks.isEmpty() ? inline.retain() : joined(inline, chunks, prefix);
      return new Content(octets, prefix.shape(), lender, bytes);
    } finally {
      record.release();
    }
  }

  private ByteBuf joined(
      ByteBuf inline, List<Residence.Extent> chunks, TransactionCodec.Prefix prefix)
      throws DiskFailure {
    int size = Math.toIntExact(prefix.contentBytes());
    var joined = allocator.directBuffer(size, size);
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
    var payload = allocator.directBuffer(size, size);
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
    return new DiskFailure(DiskFailure.Kind.DAMAGED, extent.segment().path, text, null);
  }
}
