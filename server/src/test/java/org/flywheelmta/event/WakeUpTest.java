package org.flywheelmta.event;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.concurrent.Semaphore;
import org.flywheelmta.base.OperatorLog;
import org.flywheelmta.disk.DiskFailure;
import org.flywheelmta.disk.SimDisk;
import org.flywheelmta.scheduler.Duty;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The writer goes to rest and is woken as fast as two threads can; one lost wake-up hangs it. */
final class WakeUpTest {
  private static final int ROUNDS = 5_000;

  private final SteppedPlatform platform = new SteppedPlatform();
  private final OperatorLog silent = (level, text) -> {};

  @Test
  @Timeout(10)
  void noWakeUpIsLost() throws DiskFailure, InterruptedException {
    var settings = RingEventLog.Settings.of(Path.of("/data/log"), "mta-1");
    var log = RingEventLog.open(settings, new SimDisk(), platform, silent);
    var written = log.counters().getFirst();
    var worker = platform.workers.getFirst();
    var wakeUps = new Semaphore(0);
    worker.onWake = wakeUps::release;
    var writer =
        Thread.ofPlatform()
            .daemon(true)
            .start(
                () -> {
                  while (written.value() < ROUNDS) {
                    if (worker.step() == Duty.UNTIL_WOKEN) {
                      wakeUps.acquireUninterruptibly();
                    }
                  }
                });
    for (int i = 0; i < ROUNDS; i++) {
      assertThat(log.reserve(1)).isTrue();
      log.publish(Events.rejection());
      while (written.value() <= i) {
        // The time-out interrupts.
        assertThat(Thread.interrupted()).as("event %d was never written", i).isFalse();
        Thread.onSpinWait();
      }
    }
    writer.join();
    assertThat(worker.wakeUps).isPositive();
  }
}
