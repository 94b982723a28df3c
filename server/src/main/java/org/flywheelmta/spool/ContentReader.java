package org.flywheelmta.spool;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.Unpooled;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.function.Consumer;
import java.util.zip.CRC32C;
import org.flywheelmta.base.Lender;
import org.flywheelmta.base.ReadOnlyThreadSafe;
import org.flywheelmta.base.SingleThreadSafe;
import org.flywheelmta.base.TransactionId;
import org.flywheelmta.disk.DiskFailure;
import org.flywheelmta.message.Content;
import org.flywheelmta.message.ContentStore;
import org.flywheelmta.message.Envelope;
import org.flywheelmta.message.Fields;
import org.flywheelmta.scheduler.Job;
import org.jspecify.annotations.Nullable;

/** Reads contents back from the segments, verifying every octet against its record's checksum. */
@ReadOnlyThreadSafe
final class ContentReader {
  private final RecordReader records;
  private final ByteBufAllocator allocator;
  private final Consumer<Request> commits;

  /**
   * Joins what has chunks in buffers of {@code allocator}.
   *
   * @param commits told when a read is over, so that the segments may go again
   */
  ContentReader(RecordReader records, ByteBufAllocator allocator, Consumer<Request> commits) {
    this.records = records;
    this.allocator = allocator;
    this.commits = commits;
  }

  /** How many bytes a content pins once it is read back. */
  static long bytes(Extent home, List<Extent> chunks) {
    long bytes = home.payloadLength();
    for (var chunk : chunks) {
      bytes += chunk.contentBytes();
    }
    return bytes;
  }

  /**
   * A read of a transaction whose segments the caller pins.
   *
   * @param amended what outcomes have changed of each recipient's fields; null for nothing
   * @param lender where its {@link #bytes} were taken for it; it has them back with the content, or
   *     when there will be none
   */
  Read job(
      TransactionId id,
      Extent home,
      List<Extent> chunks,
      @Nullable List<Fields> amended,
      Lender lender,
      ContentStore.Completion completion) {
    var segments = new LinkedHashSet<Segment>();
    segments.add(home.segment());
    chunks.forEach(chunk -> segments.add(chunk.segment()));
    return new Read(
        id, home, chunks, List.copyOf(segments), amended, lender, bytes(home, chunks), completion);
  }

  /** One read. */
  @SingleThreadSafe
  final class Read implements Job<ContentReader.Result> {
    private final TransactionId id;
    private final Extent home;
    private final List<Extent> chunks;
    private final List<Segment> segments;
    private final @Nullable List<Fields> amended;
    private final Lender lender;
    private final long bytes;
    private final ContentStore.Completion completion;

    private Read(
        TransactionId id,
        Extent home,
        List<Extent> chunks,
        List<Segment> segments,
        @Nullable List<Fields> amended,
        Lender lender,
        long bytes,
        ContentStore.Completion completion) {
      this.id = id;
      this.home = home;
      this.chunks = chunks;
      this.segments = segments;
      this.amended = amended;
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
        return read(this);
      } finally {
        commits.accept(new Request.Unpin(segments));
      }
    }

    @Override
    public void onDone(Result result) {
      switch (result) {
        case Result.Whole(var envelope, var content) -> completion.onLoaded(envelope, content);
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
    record Whole(Envelope envelope, Content content) implements Result {}

    /** The disk or the process cannot read just now. */
    record Later(String why) implements Result {}

    /** It is damaged. */
    record Never(String why) implements Result {}
  }

  private Result read(Read job) {
    boolean whole = false;
    try {
      var result = wholeOf(job);
      whole = true;
      return result;
    } catch (DiskFailure failure) {
      return records.isForGood(failure)
          ? new Result.Never("its content is damaged: " + failure.getMessage())
          : new Result.Later("its content cannot be read: " + failure.getMessage());
    } catch (OutOfMemoryError full) {
      // Of native memory, which is counted and refused without harm to anything else.
      return new Result.Later("there is no memory for its content");
    } finally {
      if (!whole) {
        job.lender.release(job.bytes);
      }
    }
  }

  private Result.Whole wholeOf(Read job) throws DiskFailure {
    var record = records.payload(job.home);
    try {
      var envelope = TransactionCodec.envelope(job.id, record, job.amended);
      var octets = octets(record, job.home, job.chunks);
      var shape = envelope.transaction().shape();
      return new Result.Whole(envelope, new Content(octets, shape, job.lender, job.bytes));
    } finally {
      record.release();
    }
  }

  /** The content that lies there, without counting it; one reference passes to the caller. */
  Content content(Extent home, List<Extent> chunks) throws DiskFailure {
    var record = records.payload(home);
    try {
      var prefix = TransactionCodec.Prefix.decode(Unpooled.wrappedBuffer(record.nioBuffer()));
      return new Content(octets(record, home, chunks), prefix.shape(), null, 0);
    } finally {
      record.release();
    }
  }

  private ByteBuf octets(ByteBuf record, Extent home, List<Extent> chunks) throws DiskFailure {
    var prefix = TransactionCodec.Prefix.decode(Unpooled.wrappedBuffer(record.nioBuffer()));
    var inline = record.slice(prefix.contentAt(), prefix.inlineBytes());
    return chunks.isEmpty() ? inline.retain() : joined(inline, home, chunks, prefix);
  }

  private ByteBuf joined(
      ByteBuf inline, Extent home, List<Extent> chunks, TransactionCodec.Prefix prefix)
      throws DiskFailure {
    long size = inline.readableBytes();
    for (var chunk : chunks) {
      size += chunk.contentBytes();
    }
    if (size != prefix.contentBytes()) {
      throw records.damaged(home);
    }
    int bytes = Math.toIntExact(size);
    var joined = allocator.directBuffer(bytes, bytes);
    boolean whole = false;
    try {
      joined.writeBytes(inline);
      for (var chunk : chunks) {
        addTo(joined, chunk);
      }
      if (chunks.stream().anyMatch(Extent::isCompressed)) {
        verify(joined.slice().skipBytes(prefix.inlineBytes()), home, prefix);
      }
      whole = true;
      return joined;
    } finally {
      if (!whole) {
        joined.release();
      }
    }
  }

  private void addTo(ByteBuf joined, Extent chunk) throws DiskFailure {
    var part = records.payload(chunk);
    try {
      int plainBytes = part.getInt(part.readerIndex() + Integer.BYTES);
      part.skipBytes(OpenChunks.PREFIX_BYTES);
      if (!chunk.isCompressed()) {
        joined.writeBytes(part);
        return;
      }
      if (plainBytes != chunk.plainBytes()) {
        throw records.damaged(chunk);
      }
      switch (FrameCodec.expand(part, joined, plainBytes)) {
        case WHOLE -> {}
        case DAMAGED -> throw records.damaged(chunk);
        case LATER -> {
          var why = "a chunk of it cannot be expanded now, for want of memory or of the library";
          throw new DiskFailure(DiskFailure.Kind.IO, chunk.segment().path, why, null);
        }
      }
    } finally {
      part.release();
    }
  }

  /** What was expanded is what was compressed: no checksum of a record says that. */
  private void verify(ByteBuf octets, Extent home, TransactionCodec.Prefix prefix)
      throws DiskFailure {
    var crc = new CRC32C();
    OpenChunks.update(crc, octets);
    if ((int) crc.getValue() != prefix.chunksCrc()) {
      throw records.damaged(home);
    }
  }
}
