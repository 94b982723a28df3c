package org.flywheelmta.main;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.flywheelmta.base.OperatorLog;
import org.flywheelmta.config.Configured;
import org.flywheelmta.disk.FileDisk;
import org.flywheelmta.dns.NettyExchange;
import org.flywheelmta.hook.Hooks;
import org.flywheelmta.net.SocketNetwork;
import org.flywheelmta.scheduler.Engines;
import org.flywheelmta.scheduler.ThreadPlatform;

/** A server on real threads, sockets and files, for tests that speak to it from outside. */
final class RunningServer implements AutoCloseable {
  private static final long LIMIT_SECONDS = 30;
  private static final long MEMORY_BYTES = 256L << 20;

  private final ThreadPlatform platform;
  private final Server server;
  private final int port;
  private final ConcurrentLinkedQueue<String> faults;
  private final LinesToFaults log;

  private RunningServer(
      ThreadPlatform platform,
      Server server,
      int port,
      ConcurrentLinkedQueue<String> faults,
      LinesToFaults log) {
    this.platform = platform;
    this.server = server;
    this.port = port;
    this.faults = faults;
    this.log = log;
  }

  /** Starts one with a configuration, whose listener says port 0, and waits until it is ready. */
  static RunningServer start(Path folder, String configuration) throws Exception {
    var faults = new ConcurrentLinkedQueue<String>();
    var engine = Engines.chosen();
    var platform = new ThreadPlatform(engine, (where, fault) -> faults.add(where + ": " + fault));
    var log = new LinesToFaults(faults, new ConcurrentLinkedQueue<>());
    var ready = new CompletableFuture<List<Server.Bound>>();
    var server =
        Server.start(
            new Doors(
                platform,
                new FileDisk(),
                new SocketNetwork(engine),
                (home, timeoutNanos) -> new NettyExchange(engine, home, timeoutNanos),
                log),
            new Server.Settings(
                Configured.by(ServerOptions.schema(), configuration),
                folder,
                "mta.test",
                2,
                MEMORY_BYTES,
                Hooks.none(log)),
            new Server.Startup() {
              @Override
              public void onReady(List<Server.Bound> listeners) {
                ready.complete(listeners);
              }

              @Override
              public void onFailed(Failure failure) {
                ready.completeExceptionally(new NotStarted(failure));
              }
            });
    List<Server.Bound> bound;
    try {
      bound = ready.get(LIMIT_SECONDS, TimeUnit.SECONDS);
    } catch (ExecutionException failed) {
      platform.close();
      throw failed;
    }
    int port = ((InetSocketAddress) bound.getFirst().address()).getPort();
    return new RunningServer(platform, server, port, faults, log);
  }

  /** The port of its first listener. */
  int port() {
    return port;
  }

  /** What operators have been warned of so far. */
  List<String> warnings() {
    return List.copyOf(log.warnings());
  }

  /** How many messages its domain records hold, once recovery is through. */
  long waiting() {
    var domains = Objects.requireNonNull(server.domains());
    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(LIMIT_SECONDS);
    long waiting = 0;
    while (!server.recovered() || domains.inHandover() > 0) {
      assertThat(System.nanoTime()).as("time to recover").isLessThan(deadline);
      Thread.onSpinWait();
    }
    for (var totals : domains.totals()) {
      waiting += totals.all();
    }
    return waiting;
  }

  /** A port that nobody listens on just now. */
  static int freePort() throws IOException {
    try (var socket = new ServerSocket(0)) {
      return socket.getLocalPort();
    }
  }

  /** Drains and stops it, and checks that nothing failed on the way. */
  @Override
  public void close() {
    var stopped = new CompletableFuture<Boolean>();
    server.stop(() -> stopped.complete(true));
    stopped.orTimeout(LIMIT_SECONDS, TimeUnit.SECONDS).join();
    platform.close();
    assertThat(faults).isEmpty();
    assertThat(server.memory().taken()).as("memory that content holds after a stop").isZero();
  }

  /** Why a server did not start. */
  static final class NotStarted extends Exception {
    private static final long serialVersionUID = 1L;

    private final int exitCode;

    NotStarted(Failure failure) {
      super(failure.line());
      this.exitCode = failure.exitCode();
    }

    int exitCode() {
      return exitCode;
    }
  }

  /** Keeps what operators would have to look at. */
  private record LinesToFaults(
      ConcurrentLinkedQueue<String> faults, ConcurrentLinkedQueue<String> warnings)
      implements OperatorLog {
    @Override
    public void write(Level level, String text) {
      if (level == Level.WARNING) {
        warnings.add(text);
      }
      if (level == Level.ERROR) {
        faults.add(text);
      }
    }
  }
}
