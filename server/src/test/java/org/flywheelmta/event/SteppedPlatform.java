package org.flywheelmta.event;

import java.util.ArrayList;
import java.util.List;
import org.flywheelmta.base.Clock;
import org.flywheelmta.base.Randomness;
import org.flywheelmta.scheduler.Duty;
import org.flywheelmta.scheduler.Platform;
import org.flywheelmta.scheduler.Scheduler;
import org.flywheelmta.scheduler.ThreadPool;
import org.flywheelmta.scheduler.Worker;

/** A platform of workers that the test steps by hand, and of a clock that it moves. */
final class SteppedPlatform implements Platform {
  private static final long START_MICROS = 1_795_421_820_123_456L;

  final List<SteppedWorker> workers = new ArrayList<>();
  long nanos;

  @Override
  public Clock clock() {
    return new Clock() {
      @Override
      public long nanoTime() {
        return nanos;
      }

      @Override
      public long wallMicros() {
        return START_MICROS + nanos / 1_000;
      }
    };
  }

  @Override
  public Worker worker(String name, Duty duty) {
    var worker = new SteppedWorker(duty);
    workers.add(worker);
    return worker;
  }

  /** Runs the first worker's duty once; returns its delay. */
  long step() {
    return workers.getFirst().step();
  }

  void advanceSeconds(long seconds) {
    nanos += seconds * 1_000_000_000;
  }

  @Override
  public Randomness randomness() {
    return Randomness.system();
  }

  @Override
  public List<Scheduler> schedulers(String pool, int concurrency) {
    throw new UnsupportedOperationException();
  }

  @Override
  public ThreadPool threadPool(String name, int concurrency, int backlog) {
    throw new UnsupportedOperationException();
  }

  @Override
  public void close() {}

  /** A worker that waits for the test. */
  final class SteppedWorker implements Worker {
    private final Duty duty;
    Runnable onWake = () -> {};
    int wakeUps;
    boolean closed;

    SteppedWorker(Duty duty) {
      this.duty = duty;
    }

    long step() {
      return duty.run(nanos);
    }

    @Override
    public void wake() {
      wakeUps++;
      onWake.run();
    }

    @Override
    public void close() {
      closed = true;
    }
  }
}
