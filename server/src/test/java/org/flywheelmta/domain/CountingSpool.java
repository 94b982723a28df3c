package org.flywheelmta.domain;

import io.netty.buffer.ByteBuf;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BiConsumer;
import org.flywheelmta.base.Check;
import org.flywheelmta.base.ConcurrentThreadSafe;
import org.flywheelmta.base.TransactionId;
import org.flywheelmta.message.Content;
import org.flywheelmta.message.Message;
import org.flywheelmta.scheduler.Scheduler;
import org.flywheelmta.spool.CommitCompletion;
import org.flywheelmta.spool.EncodedEnvelope;
import org.flywheelmta.spool.Spool;
import org.flywheelmta.spool.StoredOutcome;

/**
 * A spool that keeps nothing, for a measurement of everything else: outcomes reach it, and
 * envelopes are decoded at each read.
 */
@ConcurrentThreadSafe
final class CountingSpool implements Spool {
  private final EncodedEnvelope envelope;

  /** Told of every outcome, on the thread that has it kept. */
  BiConsumer<TransactionId, StoredOutcome> kept = (id, outcome) -> {};

  /**
   * @param envelope what each transaction is read back as
   */
  CountingSpool(EncodedEnvelope envelope) {
    this.envelope = envelope;
  }

  @Override
  public void outcome(TransactionId id, int recipient, StoredOutcome outcome) {
    kept.accept(id, outcome);
  }

  @Override
  public Level level() {
    return Level.OPEN;
  }

  @Override
  public void commit(
      List<Message> messages, Content content, Scheduler asker, CommitCompletion completion) {
    throw Check.bug("nothing is committed here");
  }

  @Override
  public void append(TransactionId id, ByteBuf part, Scheduler asker, Runnable written) {
    throw Check.bug("nothing is appended here");
  }

  @Override
  public void commitChunked(
      List<Message> messages, ByteBuf head, Scheduler asker, CommitCompletion completion) {
    throw Check.bug("nothing is committed here");
  }

  @Override
  public void abandon(TransactionId id) {
    throw Check.bug("nothing is abandoned here");
  }

  @Override
  public void load(TransactionId id, Scheduler asker, Completion completion) {
    throw Check.bug("nothing is loaded here");
  }

  @Override
  public void envelopes(List<TransactionId> ids, Scheduler asker, EnvelopesCompletion completion) {
    var asked = List.copyOf(ids);
    asker.post(
        () -> {
          var read = new ArrayList<EnvelopeRead>(asked.size());
          for (var id : asked) {
            read.add(new EnvelopeRead.Whole(envelope.read(id)));
          }
          completion.onRead(read);
        });
  }

  @Override
  public void close() {
    // Nothing is open.
  }
}
