package org.flywheelmta.event;

import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.flywheelmta.base.Clock;
import org.flywheelmta.base.ConcurrentThreadSafe;
import org.flywheelmta.base.OperatorLog;
import org.flywheelmta.disk.DiskFailure;
import org.flywheelmta.scheduler.Platform;
import org.flywheelmta.scheduler.Worker;
import org.jctools.queues.MpscArrayQueue;

/**
 * The operator log as lines of text, {@code 2026-11-23T08:17:00.123Z WARNING text}. Callers put
 * lines into a bounded queue; a worker prints them to every output. What does not fit is counted,
 * and the count printed. A text that comes again within ten seconds is counted instead of printed.
 */
@ConcurrentThreadSafe
public final class LineOperatorLog implements OperatorLog, AutoCloseable {
  /** How many lines may wait to be printed. */
  static final int WAITING_LINES = 4_096;

  /** How many characters of one text are printed. */
  static final int TEXT_CHARS = 4_096;

  private final Clock clock;
  private final MpscArrayQueue<OperatorLine> waiting = new MpscArrayQueue<>(WAITING_LINES);
  private final AtomicLong leftOut = new AtomicLong();
  private final List<Guarded> outputs;
  private final Repetitions repetitions = new Repetitions();
  private final StringBuilder batch = new StringBuilder();
  private final Worker worker;

  private LineOperatorLog(Platform platform, List<OperatorOutput> outputs) {
    this.clock = platform.clock();
    this.outputs = outputs.stream().map(Guarded::new).toList();
    this.worker = platform.worker("operator-log", this::pass);
  }

  /**
   * Starts the log.
   *
   * @param outputs each gets every line, and is closed with the log; one that fails does not hold
   *     up the others
   */
  public static LineOperatorLog start(Platform platform, List<OperatorOutput> outputs) {
    return new LineOperatorLog(platform, outputs);
  }

  @Override
  public void write(Level level, String text) {
    var kept = text.length() <= TEXT_CHARS ? text : text.substring(0, TEXT_CHARS) + " (cut)";
    if (!waiting.offer(new OperatorLine(clock.wallMicros(), level, kept))) {
      leftOut.incrementAndGet();
    }
    worker.wake();
  }

  private long pass(long nowNanos) {
    // Bounded by the size of the queue: what arrives meanwhile has woken the worker again.
    for (int i = 0; i < WAITING_LINES; i++) {
      var line = waiting.poll();
      if (line == null) {
        break;
      }
      repetitions.add(line, nowNanos, batch);
    }
    repetitions.expire(clock.wallMicros(), nowNanos, batch);
    print();
    return waiting.isEmpty() ? repetitions.untilExpiry(nowNanos) : 0;
  }

  private void print() {
    long missing = leftOut.getAndSet(0);
    if (missing > 0) {
      line(Level.WARNING, missing + " lines are left out here: they came faster than the log");
    }
    if (batch.isEmpty()) {
      return;
    }
    var lines = batch.toString();
    batch.setLength(0);
    for (var output : outputs) {
      output.write(lines);
    }
  }

  private void line(Level level, String text) {
    new OperatorLine(clock.wallMicros(), level, text).print(batch);
  }

  /** Prints what is left, closes the outputs and ends the worker; blocks. */
  @Override
  public void close() {
    worker.close();
    long delay = 0;
    while (delay == 0) {
      delay = pass(clock.nanoTime());
    }
    repetitions.finish(clock.wallMicros(), batch);
    print();
    for (var output : outputs) {
      output.output.close();
    }
  }

  /** An output and whether it fails; the other outputs are told when it begins to. */
  private final class Guarded {
    final OperatorOutput output;
    private boolean failing;

    Guarded(OperatorOutput output) {
      this.output = output;
    }

    void write(String lines) {
      try {
        output.write(lines);
        failing = false;
      } catch (DiskFailure failure) {
        if (!failing) {
          failing = true;
          warning("lines are missing in an output of this log: " + failure.getMessage());
        }
      }
    }
  }
}
