package org.flywheelmta.domain;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.flywheelmta.base.MemoryBudget.Level;
import org.flywheelmta.event.MailEvent;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Queues that give their memory back when others need it. */
final class SwapOutTest {
  private final DomainStage stage = new DomainStage();

  @AfterEach
  void nothingIsLeft() {
    stage.checkPlaces();
    stage.stop();
  }

  private long inMemory() {
    return stage.made.stream()
        .filter(message -> message.refCnt() > 0 && message.content() != null)
        .count();
  }

  /** Forty messages whose content is in memory, behind a gateway that does not answer. */
  private void fill() {
    stage.method.hangs = true;
    stage.method.batchesPerSession = 1;
    for (int i = 0; i < 40; i++) {
      stage.send("user" + i + "@example.com");
    }
    stage.advance(Duration.ofSeconds(1));
    assertThat(inMemory()).isEqualTo(40);
  }

  @Test
  void whatWaitsLeavesMemoryOnceSpillingBeginsAndWhatIsBeingDeliveredStays() {
    fill();
    long others = stage.memory.maximum() * 84 / 100 - stage.memory.taken();
    stage.memory.take(others);
    stage.advance(Duration.ofSeconds(1));
    assertThat(inMemory()).isEqualTo(40);
    stage.memory.take(stage.memory.maximum() * 2 / 100);
    others += stage.memory.maximum() * 2 / 100;
    assertThat(stage.memory.level()).isEqualTo(Level.SPILLING);
    stage.advance(Duration.ofSeconds(1));
    long delivering = stage.domains.totals().getFirst().delivering();
    assertThat(delivering).isPositive();
    assertThat(inMemory()).isEqualTo(delivering);
    assertThat(stage.memory.counters().swapsOut.value()).isEqualTo(40 - delivering);
    stage.memory.release(others);
    stage.method.hangs = false;
    var session = stage.method.sessions.getFirst();
    stage.schedulers.on(0, session::answer);
    stage.advance(Duration.ofMinutes(1));
    assertThat(stage.events.count(MailEvent.Type.DELIVERY)).isEqualTo(40);
  }

  @Test
  void secondCrossingMakesOneMoreWalk() {
    fill();
    long others = stage.memory.maximum() * 90 / 100 - stage.memory.taken();
    stage.memory.take(others);
    stage.advance(Duration.ofSeconds(1));
    long first = stage.memory.counters().swapsOut.value();
    assertThat(first).isPositive();
    stage.memory.release(others);
    for (int i = 0; i < 20; i++) {
      stage.send("more" + i + "@example.com");
    }
    stage.advance(Duration.ofMillis(1));
    assertThat(stage.memory.counters().swapsOut.value()).isEqualTo(first);
    others = stage.memory.maximum() * 90 / 100 - stage.memory.taken();
    stage.memory.take(others);
    stage.advance(Duration.ofSeconds(1));
    assertThat(stage.memory.counters().swapsOut.value()).isEqualTo(first + 20);
    stage.memory.release(others);
  }

  @Test
  void readThatNobodyWaitsForAnyMoreIsNoLoss() {
    stage.method.connectNanos = Duration.ofMillis(20).toNanos();
    stage.memory.take(stage.memory.maximum() * 3 / 4);
    var message = stage.send("user@example.com");
    stage.advance(Duration.ofMillis(1));
    assertThat(message.content()).isNull();
    stage.memory.release(stage.memory.maximum() * 3 / 4);
    stage.spool.holding = true;
    stage.advance(Duration.ofMillis(30));
    assertThat(stage.spool.held()).isEqualTo(1);
    stage.schedulers.on(0, () -> stage.method.sessions.getFirst().abort());
    stage.schedulers.run();
    // By the time that the spool answers the first session, another may have delivered it.
    stage.spool.lose(message.transaction().id());
    stage.spool.letGo(1);
    stage.schedulers.run();
    assertThat(stage.operator).isEmpty();
    stage.spool.put(message.transaction().id(), new byte[DomainStage.CONTENT_BYTES]);
    stage.spool.letGo();
    stage.advance(Duration.ofMinutes(5));
    assertThat(stage.operator).isEmpty();
    assertThat(stage.events.count(MailEvent.Type.DELIVERY)).isEqualTo(1);
  }

  @Test
  void batchThatIsPutBackLeavesMemoryToo() {
    stage.events.room = 0;
    stage.send("user@example.com");
    stage.advance(Duration.ofSeconds(1));
    // The session has it and cannot begin; then it breaks.
    assertThat(stage.memory.taken()).isEqualTo(DomainStage.CONTENT_BYTES);
    stage.schedulers.on(0, () -> stage.method.sessions.getFirst().abort());
    stage.advance(Duration.ofMillis(10));
    // The next session has it read back, from memory that this stage does not count.
    assertThat(stage.memory.taken()).isZero();
    stage.events.room = 1_000;
    stage.advance(Duration.ofMinutes(5));
    assertThat(stage.events.count(MailEvent.Type.DELIVERY)).isEqualTo(1);
  }
}
