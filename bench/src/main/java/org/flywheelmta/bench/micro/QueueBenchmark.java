package org.flywheelmta.bench.micro;

import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;

/**
 * What a message takes in domain records: it is enqueued, taken by a session that delivers at once,
 * and its outcome settled, on one real scheduler without disk and network. The time is that of each
 * message, from the first that is enqueued to the last that is settled.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class QueueBenchmark {
  static final int MESSAGES = 1_000;
  static final int MANY_DOMAINS = 100;

  private final QueueRig rig = new QueueRig();

  /** Ends the scheduler. */
  @TearDown
  public void stop() throws InterruptedException {
    rig.stop();
  }

  /** All of them for one domain. */
  @Benchmark
  @OperationsPerInvocation(MESSAGES)
  public void oneDomain() throws InterruptedException {
    rig.deliver(MESSAGES, 1);
  }

  /** Ten for each of a hundred domains, in turns. */
  @Benchmark
  @OperationsPerInvocation(MESSAGES)
  public void manyDomains() throws InterruptedException {
    rig.deliver(MESSAGES, MANY_DOMAINS);
  }
}
