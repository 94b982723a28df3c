package org.flywheelmta.domain;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import org.flywheelmta.base.HeapMeasure;
import org.flywheelmta.base.TransactionId;
import org.flywheelmta.message.Address;
import org.flywheelmta.message.Content;
import org.flywheelmta.message.Fields;
import org.flywheelmta.message.Message;
import org.flywheelmta.message.Message.Stage;
import org.flywheelmta.message.Stub;
import org.flywheelmta.message.Transaction;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** The heap that a message takes while it waits, measured against what is counted for it. */
final class MessageBytesTest {
  private static final int MESSAGES = 100_000;

  /** What is counted is at least what is taken, and at most this many times it. */
  private static final double MOST_TIMES = 1.6;

  /** What a stub that waits for its time may take beside its record. */
  private static final long MOST_DELAYED = 60;

  @Test
  void messagesInRecordsTakeNoMoreThanIsCountedForThem() {
    long taken = HeapMeasure.bytes(() -> stageWithMessages(false));
    long counted = 0;
    var stage = new DomainStage();
    for (int i = 0; i < MESSAGES; i++) {
      var recipient = message(stage, i, null).recipient();
      counted += Message.entryBytes(Fields.NONE, recipient, Fields.NONE) - Message.SPOOL_BYTES;
    }
    assertThat(counted).isBetween(taken, (long) (MOST_TIMES * taken));
  }

  @Test
  void activeStubsTakeNoMoreThanIsCountedForThem() {
    long taken = HeapMeasure.bytes(() -> stageWithMessages(true));
    long counted = MESSAGES * (long) Stub.RECORD_BYTES;
    assertThat(counted).isBetween(taken, (long) (MOST_TIMES * taken));
  }

  @Test
  void delayedStubsTakeFarLessThanObjects() {
    long few = HeapMeasure.bytes(() -> stageWithDelayed(MESSAGES / 100));
    assertThat(few / MESSAGES).isBetween(32L, MOST_DELAYED);
    long one = HeapMeasure.bytes(() -> stageWithDelayed(1));
    assertThat(one / MESSAGES).isBetween(31L, 40L);
    assertThat((double) Stub.ENTRY_BYTES)
        .isLessThan(MOST_TIMES * (one / (double) MESSAGES + Message.SPOOL_BYTES));
  }

  /** As many stubs that wait for a time to come, over so many domains. */
  private static DomainStage stageWithDelayed(int domains) {
    var stage = new DomainStage();
    var options = DomainStage.policy();
    options.gateway = null;
    stage.anyPolicy = options.build();
    long now = stage.schedulers.wallMicros();
    for (int i = 0; i < MESSAGES; i++) {
      var id = TransactionId.of(now, i, 31L * i);
      var domain = "d" + i % domains + ".example.com";
      var stub = new Stub(id, 0, domain, 3, now + 1_000_000_000L + 7919L * i % 100_003, 0);
      assertThat(stage.domains.onRecovered(List.of(stub))).isTrue();
      if (i % 1_000 == 0) {
        stage.schedulers.run();
      }
    }
    stage.schedulers.run();
    assertThat(stage.domains.totals().getFirst().delayed()).isEqualTo(MESSAGES);
    return stage;
  }

  private static DomainStage stageWithMessages(boolean stubs) {
    var stage = new DomainStage();
    var options = DomainStage.policy();
    options.suspend = stubs;
    options.gateway = null;
    stage.method.connectNanos = Duration.ofHours(1).toNanos();
    for (int i = 0; i < 10; i++) {
      stage.policies.put("d" + i + ".example.com", options.build());
      stage.hosts.put("d" + i + ".example.com", "10.0.0." + i);
    }
    var content = stage.content();
    for (int i = 0; i < MESSAGES; i++) {
      stage.domains.enqueue(message(stage, i, content));
      if (i % 1_000 == 0) {
        stage.schedulers.run();
      }
    }
    stage.advance(Duration.ofSeconds(1));
    assertThat(stage.domains.totals().getFirst().active()).isEqualTo(MESSAGES);
    assertThat(content.refCnt()).isEqualTo(stubs ? 1 : 1 + MESSAGES);
    return stage;
  }

  /** A message of a transaction of its own, which is the most that one can take. */
  private static Message message(DomainStage stage, int number, @Nullable Content content) {
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
    var shared = content == null ? null : content.retain();
    return new Message(transaction, 0, recipient, Fields.NONE, Stage.COMMITTED, shared);
  }
}
