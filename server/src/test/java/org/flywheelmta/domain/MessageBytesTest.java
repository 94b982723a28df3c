package org.flywheelmta.domain;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.flywheelmta.base.HeapMeasure;
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

  @Test
  void messagesInRecordsTakeNoMoreThanIsCountedForThem() {
    long taken = HeapMeasure.bytes(MessageBytesTest::stageWithMessages);
    long counted = 0;
    var stage = new DomainStage();
    for (int i = 0; i < MESSAGES; i++) {
      var recipient = message(stage, i).recipient();
      counted += Message.entryBytes(Fields.NONE, recipient, Fields.NONE) - Message.SPOOL_BYTES;
    }
    assertThat(counted).isBetween(taken, (long) (MOST_TIMES * taken));
  }

  private static DomainStage stageWithMessages() {
    var stage = new DomainStage();
    var options = DomainStage.policy();
    options.suspend = true;
    options.gateway = null;
    for (int i = 0; i < 10; i++) {
      stage.policies.put("d" + i + ".example.com", options.build());
    }
    for (int i = 0; i < MESSAGES; i++) {
      stage.domains.enqueue(message(stage, i));
      if (i % 1_000 == 0) {
        stage.schedulers.run();
      }
    }
    stage.advance(Duration.ofSeconds(1));
    assertThat(stage.domains.totals().getFirst().active()).isEqualTo(MESSAGES);
    return stage;
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
