package org.flywheelmta.domain;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import org.flywheelmta.event.MailEvent;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Queues that are longer than memory. */
class MemoryTest {
  private static final int CONTENTS_IN_BUDGET = 100;

  private final DomainStage stage = new DomainStage();

  @AfterEach
  void nothingIsLeft() {
    stage.checkPlaces();
    stage.stop();
  }

  private long loadedNow() {
    return stage.spool.loaded.stream().filter(content -> content.refCnt() > 0).count();
  }

  @Test
  void queueBehindAStoppedGatewayHoldsTenTimesTheBudget() {
    stage.method.hangs = true;
    for (int i = 0; i < 10 * CONTENTS_IN_BUDGET; i++) {
      stage.send("user" + i + "@example.com");
      assertThat(stage.memory.taken()).isLessThanOrEqualTo(stage.memory.maximum());
      stage.advance(Duration.ofMillis(10));
      long share = stage.memory.maximum() / 2 + DomainStage.CONTENT_BYTES;
      assertThat(stage.memory.taken()).isLessThanOrEqualTo(share);
    }
    assertThat(stage.spool.loaded).isEmpty();
    var mostLoaded = new AtomicLong();
    stage.method.reply =
        message -> {
          mostLoaded.accumulateAndGet(loadedNow(), Math::max);
          return new Outcome.Delivered(ScriptedMethod.FINE);
        };
    stage.method.hangs = false;
    var session = stage.method.sessions.getFirst();
    stage.schedulers.on(0, session::answer);
    stage.advance(Duration.ofMinutes(1));
    assertThat(stage.events.count(MailEvent.Type.DELIVERY)).isEqualTo(10 * CONTENTS_IN_BUDGET);
    // One for each of the four sessions.
    assertThat(mostLoaded).hasValueBetween(1, 4);
    assertThat(stage.memory.taken()).isZero();
  }

  @Test
  void whatAnIdleSessionTakesAtOnceIsNotReadBack() {
    stage.send("first@example.com");
    stage.advance(Duration.ofSeconds(1));
    // Others use the memory.
    stage.memory.take(stage.memory.maximum() * 3 / 4);
    stage.send("second@example.com");
    stage.send("third@example.com");
    stage.advance(Duration.ofSeconds(1));
    assertThat(stage.events.count(MailEvent.Type.DELIVERY)).isEqualTo(3);
    assertThat(stage.spool.loaded).hasSize(1);
    stage.memory.release(stage.memory.maximum() * 3 / 4);
  }

  @Test
  void siblingsAreReadBackTogether() {
    stage.memory.take(stage.memory.maximum() * 3 / 4);
    stage.domains.enqueue(stage.messages("a@example.com", "b@example.com", "c@example.com"));
    stage.schedulers.run();
    stage.memory.release(stage.memory.maximum() * 3 / 4);
    assertThat(stage.memory.taken()).isZero();
    stage.advance(Duration.ofSeconds(1));
    assertThat(stage.method.batches).hasSize(1);
    assertThat(stage.spool.loaded).hasSize(1);
  }
}
