package org.flywheelmta.bench.micro;

import io.netty.buffer.Unpooled;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicReference;
import org.flywheelmta.base.MemoryBudget;
import org.flywheelmta.base.OperatorLog;
import org.flywheelmta.base.TransactionId;
import org.flywheelmta.disk.FileDisk;
import org.flywheelmta.message.Address;
import org.flywheelmta.message.Content;
import org.flywheelmta.message.Fields;
import org.flywheelmta.message.Message;
import org.flywheelmta.message.Stub;
import org.flywheelmta.message.Transaction;
import org.flywheelmta.scheduler.IoEngine;
import org.flywheelmta.scheduler.Scheduler;
import org.flywheelmta.scheduler.ThreadPlatform;
import org.flywheelmta.spool.CommitCompletion;
import org.flywheelmta.spool.LogSpool;
import org.flywheelmta.spool.Opened;
import org.flywheelmta.spool.Recovered;
import org.flywheelmta.spool.Spool;
import org.flywheelmta.spool.SpoolRefusal;
import org.flywheelmta.spool.SpoolSettings;
import org.flywheelmta.spool.StoredOutcome;
import org.jspecify.annotations.Nullable;

/** A real spool on a real disk, and one thread that waits for what it asks. */
final class SpoolRig implements AutoCloseable, Recovered {
  private static final int CONTENT_OCTETS = 10_240;
  private static final long MEMORY_OCTETS = 1L << 30;
  private static final Content.Shape SHAPE = new Content.Shape(false, false, true);
  private static final Address SENDER = Address.of("sender@example.net");
  private static final Address RECIPIENT = Address.of("user@example.com");
  private static final StoredOutcome DELIVERED =
      new StoredOutcome(StoredOutcome.Kind.DELIVERED, 1, 0, 1, "250 2.0.0 ok", Fields.NONE);

  private final ThreadPlatform platform;
  private final Scheduler scheduler;
  private final Spool spool;
  private final Content content;
  private final AtomicReference<@Nullable String> fault = new AtomicReference<>();
  private final long beginMicros;
  private long number;

  /** Opens one in a folder that is made. */
  SpoolRig(Path folder) {
    platform = new ThreadPlatform(IoEngine.NIO, (where, e) -> fault.set(where + ": " + e));
    scheduler = platform.schedulers("events", 1).getFirst();
    OperatorLog log = (level, text) -> {};
    var memory = new MemoryBudget("memory_limit", MEMORY_OCTETS);
    var opened =
        LogSpool.open(SpoolSettings.of(folder), platform, new FileDisk(), log, memory, this);
    spool =
        switch (opened) {
          case Opened.Ok(var open) -> open;
          case Opened.Failed(var kind, var line) ->
              throw new IllegalStateException(kind + ": " + line);
        };
    var octets = new byte[CONTENT_OCTETS];
    new Random(CONTENT_OCTETS).nextBytes(octets);
    content = new Content(Unpooled.directBuffer(octets.length).writeBytes(octets), SHAPE, null, 0);
    beginMicros = platform.clock().wallMicros();
  }

  /** Commits so many transactions that were asked for together; their ids. */
  List<TransactionId> commit(int count) throws InterruptedException {
    var round = new Round(count);
    var ids = new ArrayList<TransactionId>(count);
    for (int i = 0; i < count; i++) {
      var transaction = transaction();
      ids.add(transaction.id());
      var message =
          new Message(transaction, 0, RECIPIENT, Fields.NONE, Message.Stage.RECEIVED, null);
      spool.commit(List.of(message), content, scheduler, round);
    }
    round.done.await();
    var wrong = fault.get();
    if (wrong != null) {
      throw new IllegalStateException(wrong);
    }
    return ids;
  }

  private Transaction transaction() {
    number++;
    var id = TransactionId.of(beginMicros + number, number, number * 31);
    return new Transaction(id, beginMicros, SENDER, Fields.NONE, 1, CONTENT_OCTETS, SHAPE);
  }

  /** All of them were delivered. */
  void deliver(List<TransactionId> ids) {
    for (var id : ids) {
      spool.outcome(id, 0, DELIVERED);
    }
  }

  @Override
  public boolean onRecovered(List<Stub> stubs) {
    return true;
  }

  @Override
  public void onRecoveryDone(long messages) {
    // The folder is new.
  }

  @Override
  public void close() {
    spool.close();
    platform.close();
    content.release();
  }

  /** Counts answers down, on the scheduler. */
  private final class Round implements CommitCompletion {
    final CountDownLatch done;

    Round(int count) {
      done = new CountDownLatch(count);
    }

    @Override
    public void onCommitted() {
      done.countDown();
    }

    @Override
    public void onDuplicate(TransactionId first) {
      fault.set("a transaction was taken for another");
      done.countDown();
    }

    @Override
    public void onRefused(SpoolRefusal refusal) {
      fault.set("a transaction was refused: " + refusal);
      done.countDown();
    }
  }
}
