package org.flywheelmta.spool;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.function.Consumer;
import org.flywheelmta.base.Lender;
import org.flywheelmta.base.ReadOnlyThreadSafe;
import org.flywheelmta.base.SingleThreadSafe;
import org.flywheelmta.base.TransactionId;
import org.flywheelmta.disk.Disk;
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
   * Reads from {@code disk} into buffers of {@code allocator}.
   *
   * @param commits told when a read is over, so that the segments may go again
   */
  ContentReader(Disk disk, ByteBufAllocator allocator, Consumer<Request> commits) {
    this.records = new RecordReader(disk, allocator);
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
   * @param amended what outcomes have changed of each recipient's fields; null for nothing
   * @param lender where its {@link #bytes} were taken for it; it has them back with the content, or
   *     when there will be none
   */
  Read job(
      Residence residence,
      @Nullable List<Fields> amended,
      Lender lender,
      ContentStore.Completion completion) {
    var segments = new LinkedHashSet<Segment>();
    segments.add(residence.home.segment());
    residence.chunks.forEach(chunk -> segments.add(chunk.segment()));
    return new Read(
        residence.id,
        residence.home,
        residence.chunks,
        List.copyOf(segments),
        amended,
        lender,
        bytes(residence),
        completion);
  }

  /** One read. */
  @SingleThreadSafe
  final class Read implements Job<ContentReader.Result> {
    private final TransactionId id;
    private final Residence.Extent home;
    private final List<Residence.Extent> chunks;
    private final List<Segment> segments;
    private final @Nullable List<Fields> amended;
    private final Lender lender;
    private final long bytes;
    private final ContentStore.Completion completion;

    private Read(
        TransactionId id,
        Residence.Extent home,
        List<Residence.Extent> chunks,
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
      // Out of descriptors, an error of the device: the octets may be whole, so nobody gives up.
      return failure.kind() == DiskFailure.Kind.DAMAGED
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
      var envelope = TransactionCodec.envelope(job.id, record.slice(), job.amended);
      return new Result.Whole(envelope, content(record, job.chunks, job.lender, job.bytes));
    } finally {
      record.release();
    }
  }

  /** The content that lies there, without counting it; one reference passes to the caller. */
  Content content(Residence residence) throws DiskFailure {
    var record = records.payload(residence.home);
    try {
      return content(record, residence.chunks, null, 0);
    } finally {
      record.release();
    }
  }

  private Content content(
      ByteBuf record, List<Residence.Extent> chunks, @Nullable Lender lender, long bytes)
      throws DiskFailure {
    var prefix = TransactionCodec.Prefix.decode(record.slice());
    var inline = record.slice(prefix.contentAt(), prefix.inlineBytes());
    var octets = chunks.isEmpty() ? inline.retain() : joined(inline, chunks, prefix);
    return new Content(octets, prefix.shape(), lender, bytes);
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
        var part = records.payload(chunk);
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
}
