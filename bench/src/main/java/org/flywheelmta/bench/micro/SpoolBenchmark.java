package org.flywheelmta.bench.micro;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.flywheelmta.base.TransactionId;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;

/**
 * What a commit of a mail of 10 KiB takes, from a thread that asks to the same thread that has its
 * answer, alone and in company; and what an outcome takes. What was committed is delivered at once,
 * so that segments are recycled as in a server that keeps up.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
public class SpoolBenchmark {
  /** Names the folder in which the spool makes its own; that of temporary files by default. */
  public static final String FOLDER = "flywheel.bench.folder";

  static final int COMPANY = 32;
  static final int OUTCOMES = 1_024;

  private final SpoolRig rig;

  /** Opens a spool. */
  public SpoolBenchmark() {
    var folder = Path.of(System.getProperty(FOLDER, System.getProperty("java.io.tmpdir")));
    try {
      rig = new SpoolRig(Files.createTempDirectory(folder, "spool-").resolve("spool"));
    } catch (IOException e) {
      throw new IllegalStateException(folder + ": " + e.getMessage(), e);
    }
  }

  /** Closes it; the folder is the caller's. */
  @TearDown
  public void close() {
    rig.close();
  }

  /** One transaction, with one force. */
  @Benchmark
  public void commit() throws InterruptedException {
    rig.deliver(rig.commit(1));
  }

  /** Transactions that were asked for together; the time is that of each. */
  @Benchmark
  @OperationsPerInvocation(COMPANY)
  public void commitTogether() throws InterruptedException {
    rig.deliver(rig.commit(COMPANY));
  }

  /** Outcomes, and the commit that forces them; the time is that of each outcome. */
  @Benchmark
  @OperationsPerInvocation(OUTCOMES)
  public void outcomes(Undelivered undelivered) throws InterruptedException {
    rig.deliver(undelivered.ids);
    rig.deliver(rig.commit(1));
  }

  /** Transactions that wait, made anew before each call. */
  @State(Scope.Benchmark)
  public static class Undelivered {
    private final List<TransactionId> ids = new ArrayList<>();

    /** Not part of the time. */
    @Setup(Level.Invocation)
    public void fill(SpoolBenchmark benchmark) throws InterruptedException {
      ids.clear();
      while (ids.size() < OUTCOMES) {
        ids.addAll(benchmark.rig.commit(COMPANY));
      }
    }
  }
}
