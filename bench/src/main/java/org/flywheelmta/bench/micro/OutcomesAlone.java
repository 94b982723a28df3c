package org.flywheelmta.bench.micro;

import io.netty.buffer.ByteBuf;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import org.flywheelmta.base.TransactionId;
import org.flywheelmta.message.Content;
import org.flywheelmta.message.Message;
import org.flywheelmta.scheduler.Scheduler;
import org.flywheelmta.spool.CommitCompletion;
import org.flywheelmta.spool.Spool;
import org.flywheelmta.spool.StoredOutcome;

/** A spool that only counts outcomes; whatever else is asked of it is a fault. Any thread. */
final class OutcomesAlone implements Spool {
  private volatile CountDownLatch settled = new CountDownLatch(0);

  /** From now on each final outcome counts down there. */
  void await(CountDownLatch latch) {
    settled = latch;
  }

  @Override
  public void outcome(TransactionId id, int recipient, StoredOutcome outcome) {
    if (outcome.kind().isFinal()) {
      settled.countDown();
    }
  }

  @Override
  public Level level() {
    return Level.OPEN;
  }

  @Override
  public void commit(
      List<Message> messages, Content content, Scheduler asker, CommitCompletion completion) {
    throw unexpected();
  }

  @Override
  public void append(TransactionId id, ByteBuf part, Scheduler asker, Runnable written) {
    throw unexpected();
  }

  @Override
  public void commitChunked(
      List<Message> messages, ByteBuf head, Scheduler asker, CommitCompletion completion) {
    throw unexpected();
  }

  @Override
  public void abandon(TransactionId id) {
    throw unexpected();
  }

  @Override
  public void load(TransactionId id, Scheduler asker, Completion completion) {
    throw unexpected();
  }

  @Override
  public void envelopes(List<TransactionId> ids, Scheduler asker, EnvelopesCompletion completion) {
    throw unexpected();
  }

  private static IllegalStateException unexpected() {
    return new IllegalStateException("messages stay in memory here");
  }

  @Override
  public void close() {}
}
