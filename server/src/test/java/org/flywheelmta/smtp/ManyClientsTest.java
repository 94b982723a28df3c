package org.flywheelmta.smtp;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.SplittableRandom;
import org.flywheelmta.base.MemoryBudget.Level;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Two thousand clients that take what they can get, against four megabytes. */
@Timeout(300)
final class ManyClientsTest {
  private static final int CLIENTS = 2_000;
  private static final long BUDGET = 4L << 20;

  /**
   * What is above the maximum at most: for each connection the command line that it has not ended,
   * in a buffer that is filled to a quarter at least.
   */
  private static final long UNREAD_BOUND = (long) CLIENTS * 4 * SmtpSession.MAX_COMMAND_LINE;

  private final SplittableRandom random = new SplittableRandom(7);
  private long mostTaken;
  private long mostHeld;

  private void keepMost(SmtpStage stage) {
    mostTaken = Math.max(mostTaken, stage.memory.taken());
    mostHeld = Math.max(mostHeld, stage.server.bytesHeld());
  }

  @Test
  void announcedAndDrippedMailDoesNotExhaustMemory() {
    var stage = SmtpStage.plan().memory(BUDGET).sessions(CLIENTS + 1).schedulers(2).start();
    stage.world.invariant(() -> keepMost(stage));
    var callers = new ArrayList<Caller>();
    for (int i = 0; i < CLIENTS; i++) {
      var caller = stage.call();
      caller.say(
          "EHLO c.test\r\nMAIL FROM:<a@x.test> SIZE=3000000\r\nRCPT TO:<b@y.test>\r\nDATA\r\n");
      callers.add(caller);
    }
    stage.world.run(5 * SmtpStage.SECOND);
    for (int round = 0; round < 12; round++) {
      for (var caller : callers) {
        // Some drip, some throw much at once, some leave a command without an end.
        int size = random.nextInt(10) == 0 ? random.nextInt(6_000) : 1 + random.nextInt(60);
        caller.say("d".repeat(size));
      }
      stage.world.run(SmtpStage.SECOND);
    }
    assertThat(mostTaken).isLessThanOrEqualTo(BUDGET + UNREAD_BOUND).isGreaterThan(BUDGET / 2);
    assertThat(mostHeld).isLessThanOrEqualTo(BUDGET + UNREAD_BOUND);
    assertThat(stage.memory.counters().entered(Level.REFUSING)).isPositive();
    assertThat(stage.memory.counters().refusals.value()).isPositive();
    assertThat(stage.memory.counters().spills.value()).isPositive();

    // Those that were let in are served, and everything comes back.
    callers.forEach(caller -> caller.say("\r\n.\r\n"));
    stage.world.run(60 * SmtpStage.SECOND);
    assertThat(stage.spool.kept).hasSizeGreaterThan(100);
    stage.checkNothingIsLeft();
  }
}
