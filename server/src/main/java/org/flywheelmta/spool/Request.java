package org.flywheelmta.spool;

import io.netty.buffer.ByteBuf;
import java.util.Collections;
import java.util.List;
import java.util.function.Consumer;
import org.flywheelmta.base.SingleThreadSafe;
import org.flywheelmta.base.TransactionId;
import org.flywheelmta.message.Content;
import org.flywheelmta.message.ContentStore;
import org.flywheelmta.scheduler.Scheduler;
import org.jspecify.annotations.Nullable;

/** What others ask of the commit thread. */
sealed interface Request {
  /** Requests that take room in the log, in the order in which they came. */
  sealed interface Writing extends Request {}

  /** Makes a transaction durable; runs on the asking scheduler as its own completion. */
  @SingleThreadSafe
  final class Commit implements Writing, Runnable {
    final TransactionId id;
    final int recipients;
    final ByteBuf prefixAndMetadata;
    final ByteBuf fact;
    final ByteBuf inline;
    final boolean chunked;
    final long askedNanos;
    final Scheduler asker;
    final @Nullable Settlement settles;
    // Whether what it settles waits on another volume, which has failed.
    final boolean settlesElsewhere;
    final @Nullable DedupeKey key;
    private final @Nullable Content content;
    private final CommitCompletion completion;
    private @Nullable SpoolRefusal refusal;
    private @Nullable TransactionId first;

    /**
     * @param fact body of its fact; one reference passes
     * @param inline octets of the content; one reference passes
     * @param settles what becomes of another message with it; null mostly
     * @param settlesElsewhere whether that one waits on another volume, which has failed
     * @param key by which it is known if it is sent again; null where it has none
     * @param content whose reference is kept until the completion; null where inline is all
     */
    Commit(
        TransactionId id,
        int recipients,
        ByteBuf prefixAndMetadata,
        ByteBuf fact,
        ByteBuf inline,
        boolean chunked,
        long askedNanos,
        Scheduler asker,
        @Nullable Settlement settles,
        boolean settlesElsewhere,
        @Nullable DedupeKey key,
        @Nullable Content content,
        CommitCompletion completion) {
      this.id = id;
      this.recipients = recipients;
      this.prefixAndMetadata = prefixAndMetadata;
      this.fact = fact;
      this.inline = inline;
      this.chunked = chunked;
      this.askedNanos = askedNanos;
      this.asker = asker;
      this.settles = settles;
      this.settlesElsewhere = settlesElsewhere;
      this.key = key;
      this.content = content;
      this.completion = completion;
    }

    int payloadBytes() {
      return prefixAndMetadata.readableBytes() + inline.readableBytes();
    }

    private void release() {
      prefixAndMetadata.release();
      fact.release();
      inline.release();
    }

    /** It was not added to a batch and will not be. */
    void refuse(SpoolRefusal why) {
      release();
      refusal = why;
    }

    /** One of the same key was added before, and this one will not be. */
    void duplicates(TransactionId of) {
      release();
      first = of;
    }

    boolean isDuplicate() {
      return first != null;
    }

    /** It, or what it duplicates, was added to a batch, which then failed. */
    void fail(SpoolRefusal why) {
      refusal = why;
    }

    @Override
    public void run() {
      if (content != null) {
        content.release();
      }
      if (refusal != null) {
        completion.onRefused(refusal);
      } else if (first != null) {
        completion.onDuplicate(first);
      } else {
        completion.onCommitted();
      }
    }
  }

  /**
   * What a part was when the lane of compression saw it.
   *
   * @param bytes its length before
   * @param frameBytes length of the frame of zstd that it is now; 0 where it is as it came
   * @param crc CRC32C of all parts of its transaction until its own end, before they were
   *     compressed
   */
  record Seen(int bytes, int frameBytes, int crc) {}

  /**
   * Appends a part of a content.
   *
   * @param seen null where the part came past the lane of compression
   */
  record Append(
      TransactionId id, ByteBuf part, @Nullable Seen seen, Scheduler asker, Runnable written)
      implements Writing {
    /** The length of what was compressed; 0 where it is as it came. */
    int plainBytes() {
      return seen != null && seen.frameBytes() > 0 ? seen.bytes() : 0;
    }

    /** The length of the frame that it is; 0 where it is as it came. */
    int frameBytes() {
      return seen == null ? 0 : seen.frameBytes();
    }
  }

  /** Forgets a content that was appended. */
  record Abandon(TransactionId id) implements Writing {}

  /** A recipient's state, which is kept with those that come in between. */
  sealed interface State extends Request {}

  /** Keeps a recipient's state. */
  record Outcome(TransactionId id, int recipient, StoredOutcome outcome) implements State {}

  /** Keeps a state for a volume that has failed. */
  record Foreign(ForeignOutcome outcome) implements State {}

  /** What a volume knows of a transaction. */
  enum Where {
    UNKNOWN,
    HERE,
    /** Its transaction is here, and nothing more is written. */
    FAILED
  }

  /**
   * Asks for the transaction that a dedupe key names, which is told once it is durable. It runs on
   * the asking scheduler as its own answer.
   */
  @SingleThreadSafe
  final class FindKey implements Request, Runnable {
    /** What is known of a key. */
    sealed interface Found {}

    /** Nothing. */
    record Unknown() implements Found {}

    /** The transaction that it names. */
    record First(TransactionId id) implements Found {}

    /** It may name one, and that cannot be said now. */
    record Refused(SpoolRefusal why) implements Found {}

    final DedupeKey key;
    final Scheduler asker;
    private final Consumer<Found> answer;
    private Found found = new Unknown();

    FindKey(DedupeKey key, Scheduler asker, Consumer<Found> answer) {
      this.key = key;
      this.asker = asker;
      this.answer = answer;
    }

    void found(Found what) {
      found = what;
    }

    @Override
    public void run() {
      answer.accept(found);
    }
  }

  /** Asks what is known of a transaction. */
  record Locate(TransactionId id, Scheduler asker, Consumer<Where> answer) implements Request {}

  /**
   * Reads a content back.
   *
   * @param unknown called instead of the completion where the transaction is not known; null where
   *     nobody else could know it
   */
  record Load(
      TransactionId id,
      Scheduler asker,
      ContentStore.Completion completion,
      @Nullable Runnable unknown)
      implements Request {}

  /** Reads envelopes back. */
  record Envelopes(
      List<TransactionId> ids, Scheduler asker, ContentStore.EnvelopesCompletion completion)
      implements Request {
    /** None of them can be read now. */
    void refuse(String reason) {
      var unavailable = new ContentStore.EnvelopeRead.Unavailable(true, reason);
      completion.onRead(Collections.nCopies(ids.size(), unavailable));
    }
  }

  /** A read is over; a segment stands here once for each pin. */
  record Unpin(List<Segment> segments) implements Request {}

  /** Recovery has read every old segment. */
  record Adopt(Accounts recovered, DedupeKeys keys) implements Request {}

  /** Recovery has handed all over that waits. */
  record HandedOver() implements Request {}

  /**
   * A blank segment is ready.
   *
   * @param spare null where the segment was deleted
   * @param retired what it was before; null for a new one
   */
  record SpareReady(LogWriter.@Nullable Spare spare, @Nullable Segment retired)
      implements Request {}

  /** Whether the disk has no room for another segment. */
  record Exhausted(boolean exhausted) implements Request {}

  /**
   * A record of a segment that is about to be recycled.
   *
   * @param number of its fact
   * @param position of the record in its segment
   * @param fact body of its fact; one reference passes
   * @param payload one reference passes
   */
  record Restate(
      Segment from,
      long lsn,
      int kind,
      int flags,
      TransactionId id,
      int number,
      int position,
      ByteBuf fact,
      ByteBuf payload)
      implements Request {
    void release() {
      fact.release();
      payload.release();
    }
  }

  /**
   * The last record of a segment was sent.
   *
   * @param readable false when one could not be read
   */
  record Restated(Segment from, boolean readable) implements Request {}

  /** A record that is needed was found damaged. */
  record Damaged(Extent extent) implements Request {}

  /** The volume failed elsewhere. */
  record Failed(String reason) implements Request {}
}
