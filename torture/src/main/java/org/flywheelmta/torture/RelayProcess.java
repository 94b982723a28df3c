package org.flywheelmta.torture;

import java.io.IOException;
import java.net.Socket;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.flywheelmta.clients.Reply;
import org.flywheelmta.clients.Wire;

/** One life of the server, from its start to its end. For one thread. */
final class RelayProcess {
  private static final long POLL_MILLIS = 10;
  private static final long CHILDREN_LIMIT_NANOS = TimeUnit.MILLISECONDS.toNanos(200);
  private static final long CHILD_POLL_NANOS = 500_000;
  private static final int GREETING_TIMEOUT_MILLIS = 1_000;

  private final Relay relay;
  private final Process process;
  private final Thread reaper;

  private RelayProcess(Relay relay, Process process) {
    this.relay = relay;
    this.process = process;
    this.reaper = new Thread(this::destroyAll);
  }

  static RelayProcess start(Relay relay) throws IOException {
    var builder =
        new ProcessBuilder(relay.command())
            .redirectErrorStream(true)
            .redirectOutput(ProcessBuilder.Redirect.appendTo(relay.log().toFile()));
    builder.environment().putAll(relay.environment());
    var process = builder.start();
    process.getOutputStream().close();
    var started = new RelayProcess(relay, process);
    // A harness that is interrupted takes its server with it.
    Runtime.getRuntime().addShutdownHook(started.reaper);
    return started;
  }

  /** What it takes of the machine now, with all that it started. */
  Vitals vitals() {
    return Vitals.of(process.toHandle());
  }

  boolean isAlive() {
    return process.isAlive();
  }

  /** Only when it has ended. */
  int exitCode() {
    return process.exitValue();
  }

  /** Waits until the server greets with 220; false where it ended or the time did. */
  boolean awaitGreeting(Duration limit) throws InterruptedException {
    long deadline = System.nanoTime() + limit.toNanos();
    while (System.nanoTime() < deadline) {
      if (greets()) {
        return true;
      }
      if (process.waitFor(POLL_MILLIS, TimeUnit.MILLISECONDS)) {
        return false;
      }
    }
    return false;
  }

  /** Why {@link #awaitGreeting} was in vain. */
  String missing(Duration limit) {
    return isAlive()
        ? "no greeting within " + limit.toMillis() + " ms"
        : "the server ended by itself with exit code " + exitCode();
  }

  private boolean greets() {
    try (var socket = new Socket()) {
      socket.connect(relay.address(), GREETING_TIMEOUT_MILLIS);
      socket.setSoTimeout(GREETING_TIMEOUT_MILLIS);
      var wire = new Wire(socket);
      if (Reply.read(wire).code() != 220) {
        return false;
      }
      wire.write("QUIT");
      wire.flush();
      return true;
    } catch (IOException e) {
      return false;
    }
  }

  /** Waits; true where the server ended meanwhile. */
  boolean awaitEnd(Duration limit) throws InterruptedException {
    return process.waitFor(limit.toNanos(), TimeUnit.NANOSECONDS);
  }

  /**
   * SIGKILL to the server and to what it had started by then, and waits until they are gone. What a
   * server of several processes forks at this very moment may survive; one process cannot.
   */
  Kill kill() throws InterruptedException {
    long sent = MicroClock.micros();
    destroyAll();
    process.waitFor();
    var kill = new Kill(sent, MicroClock.micros());
    forget();
    return kill;
  }

  /** SIGSTOP to the server and to what it had started by then; they stand still until a kill. */
  void pause() throws IOException, InterruptedException {
    var words = new ArrayList<String>(List.of("kill", "-STOP", Long.toString(process.pid())));
    process.descendants().forEach(child -> words.add(Long.toString(child.pid())));
    int code = new ProcessBuilder(words).inheritIO().start().waitFor();
    if (code != 0) {
      throw new IOException("the server cannot be stopped: kill ended with exit code " + code);
    }
  }

  /** SIGTERM; false where the server did not end within the limit and had to be killed. */
  boolean stop(Duration limit) throws InterruptedException {
    process.destroy();
    boolean ended = awaitEnd(limit);
    if (!ended) {
      destroyAll();
      process.waitFor();
    }
    forget();
    return ended;
  }

  private void destroyAll() {
    var children = process.descendants().toList();
    process.destroyForcibly();
    children.forEach(ProcessHandle::destroyForcibly);
    // Killed children are dead at once, but count as alive until init takes note of them.
    long deadline = System.nanoTime() + CHILDREN_LIMIT_NANOS;
    while (children.stream().anyMatch(ProcessHandle::isAlive) && System.nanoTime() < deadline) {
      LockSupport.parkNanos(CHILD_POLL_NANOS);
    }
  }

  private void forget() {
    try {
      Runtime.getRuntime().removeShutdownHook(reaper);
    } catch (IllegalStateException e) {
      // The harness itself is ending, and the hook is running.
    }
  }
}
