package org.flywheelmta.domain;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.flywheelmta.base.TransactionId;
import org.flywheelmta.message.Address;
import org.flywheelmta.message.Fields;
import org.flywheelmta.message.Message;
import org.flywheelmta.message.Message.Stage;
import org.flywheelmta.message.Transaction;
import org.junit.jupiter.api.Test;

/** The heap that a message takes while it waits, measured against what is counted for it. */
final class MessageBytesTest {
  private static final int MESSAGES = 100_000;

  /** What is counted is at least what is taken, and at most this many times it. */
  private static final double MOST_TIMES = 1.6;

  private static long usedBytes() {
    var runtime = Runtime.getRuntime();
    long used = Long.MAX_VALUE;
    for (int i = 0; i < 5; i++) {
      System.gc();
      used = Math.min(used, runtime.totalMemory() - runtime.freeMemory());
    }
    return used;
  }

  @Test
  void messagesInRecordsTakeNoMoreThanIsCountedForThem() {
    var stage = new DomainStage();
    var options = DomainStage.policy();
    options.suspend = true;
    options.gateway = null;
    for (int i = 0; i < 10; i++) {
      stage.policies.put("d" + i + ".example.com", options.build());
    }
    long before = usedBytes();
    long counted = 0;
    long waiting = 0;
    for (int i = 0; i < MESSAGES; i++) {
      var message = message(stage, i);
      counted += Message.entryBytes(message.recipient()) - Message.SPOOL_BYTES;
      stage.domains.enqueue(message);
      if (i % 1_000 == 0) {
        stage.schedulers.run();
      }
    }
    stage.advance(Duration.ofSeconds(1));
    for (var totals : stage.domains.totals()) {
      waiting += totals.active();
    }
    assertThat(waiting).isEqualTo(MESSAGES);
    long taken = usedBytes() - before;
    assertThat(counted).isBetween(taken, (long) (MOST_TIMES * taken));
    stage.stop();
  }

  /** A message of a transaction of its own, which is the most that one can take. */
  private static Message message(DomainStage stage, int number) {
    var transaction =
        new Transaction(
            TransactionId.of(stage.schedulers.wallMicros(), number, 31L * number),
            stage.schedulers.wallMicros(),
            Address.of("sender" + number + "@example.net"),
            Fields.NONE,
            1,
            10_000,
            DomainStage.PLAIN);
    var recipient = Address.of("somebody" + number + "@d" + number % 10 + ".example.com");
    return new Message(transaction, 0, recipient, Fields.NONE, Stage.COMMITTED, null);
  }
}
