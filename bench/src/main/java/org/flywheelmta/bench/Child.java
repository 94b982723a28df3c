package org.flywheelmta.bench;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * A process that a benchmark started, with all that it started itself. One thread uses it; any
 * thread may {@link #end} it.
 *
 * @param farewell the command that ends it in its own way; empty: SIGTERM does
 */
record Child(String name, Process process, Path log, List<String> farewell) {
  private static final long END_SECONDS = 30;
  private static final int LOG_OCTETS = 600;

  /** Waits until a server of this process greets on the port. */
  void awaitGreeting(int port, Duration limit) throws IOException, InterruptedException {
    long end = System.nanoTime() + limit.toNanos();
    while (!Ports.greets(port)) {
      if (!process.isAlive()) {
        throw failure("ended by itself with exit code " + process.exitValue());
      }
      if (System.nanoTime() > end) {
        throw failure("did not greet within " + limit.toSeconds() + " s");
      }
      Pause.of(Duration.ofMillis(20));
    }
  }

  /** What went wrong, with the end of the log. */
  IOException failure(String what) {
    return new IOException(name + " " + what + "\n" + Texts.tail(log, LOG_OCTETS).strip());
  }

  /** Ends it and waits until it is gone, with SIGKILL where it takes longer than is decent. */
  void end() throws InterruptedException {
    var tree = process.descendants().toList();
    if (process.isAlive()) {
      if (farewell.isEmpty()) {
        process.destroy();
      } else {
        var _ = Programs.output(farewell);
      }
      process.waitFor(END_SECONDS, TimeUnit.SECONDS);
    }
    kill(tree);
  }

  /** SIGKILL at once. */
  void kill() {
    kill(process.descendants().toList());
  }

  private void kill(List<ProcessHandle> tree) {
    process.destroyForcibly();
    tree.forEach(ProcessHandle::destroyForcibly);
  }
}
