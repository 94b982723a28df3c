package org.flywheelmta.spool;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.flywheelmta.base.ReadOnlyThreadSafe;
import org.flywheelmta.base.SingleThreadSafe;
import org.flywheelmta.base.TransactionId;
import org.flywheelmta.disk.DiskFailure;
import org.flywheelmta.message.ContentStore.EnvelopeRead;
import org.flywheelmta.message.ContentStore.EnvelopesCompletion;
import org.flywheelmta.message.Fields;
import org.flywheelmta.scheduler.Job;
import org.jspecify.annotations.Nullable;

/** Reads envelopes back, several in one job; what is read is verified with its whole record. */
@ReadOnlyThreadSafe
final class EnvelopeReader {
  private static final String NOT_WAITING = "no recipient of it waits in the spool";

  /** What is read of a transaction of which another volume may know. */
  static final EnvelopeRead UNKNOWN = new EnvelopeRead.Unavailable(false, NOT_WAITING);

  private static final EnvelopeRead DONE = new EnvelopeRead.Unavailable(false, NOT_WAITING);

  private final RecordReader records;
  private final Consumer<Request> commits;

  /**
   * @param commits told when a job is over, so that the segments may go again
   */
  EnvelopeReader(RecordReader records, Consumer<Request> commits) {
    this.records = records;
    this.commits = commits;
  }

  /**
   * One envelope to read.
   *
   * @param isKnown whether there is such a transaction here
   * @param home null where no recipient of it waits
   * @param amended what outcomes have changed of each recipient's fields; null for nothing
   */
  record Wanted(
      TransactionId id, boolean isKnown, @Nullable Extent home, @Nullable List<Fields> amended) {}

  /** A read of transactions whose segments the caller pins, one pin for each that has a home. */
  Read job(List<Wanted> wanted, EnvelopesCompletion completion) {
    return new Read(wanted, completion);
  }

  /** One job. */
  @SingleThreadSafe
  final class Read implements Job<List<EnvelopeRead>> {
    private final List<Wanted> wanted;
    private final EnvelopesCompletion completion;

    private Read(List<Wanted> wanted, EnvelopesCompletion completion) {
      this.wanted = wanted;
      this.completion = completion;
    }

    /** The segments that are read, one for each envelope. */
    List<Segment> segments() {
      var segments = new ArrayList<Segment>();
      for (var one : wanted) {
        if (one.home() != null) {
          segments.add(one.home().segment());
        }
      }
      return segments;
    }

    @Override
    public List<EnvelopeRead> work() {
      try {
        var read = new ArrayList<EnvelopeRead>(wanted.size());
        for (var one : wanted) {
          read.add(read(one));
        }
        return read;
      } finally {
        commits.accept(new Request.Unpin(segments()));
      }
    }

    @Override
    public void onDone(List<EnvelopeRead> read) {
      completion.onRead(read);
    }

    @Override
    public void onFailed(Exception failure) {
      throw new IllegalStateException("envelopes were read", failure);
    }
  }

  private EnvelopeRead read(Wanted wanted) {
    var home = wanted.home();
    if (home == null) {
      return wanted.isKnown() ? DONE : UNKNOWN;
    }
    try {
      var record = records.payload(home);
      try {
        var envelope = TransactionCodec.envelope(wanted.id(), record, wanted.amended());
        return new EnvelopeRead.Whole(envelope);
      } finally {
        record.release();
      }
    } catch (DiskFailure failure) {
      return records.isForGood(failure)
          ? new EnvelopeRead.Unavailable(false, "it is damaged: " + failure.getMessage())
          : new EnvelopeRead.Unavailable(true, "it cannot be read: " + failure.getMessage());
    } catch (OutOfMemoryError full) {
      // Of native memory, which is counted and refused without harm to anything else.
      return new EnvelopeRead.Unavailable(true, "there is no memory for it");
    }
  }
}
