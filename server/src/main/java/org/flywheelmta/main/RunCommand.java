package org.flywheelmta.main;

import java.io.PrintWriter;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import org.flywheelmta.config.Generation;
import org.flywheelmta.disk.FileDisk;
import org.flywheelmta.dns.NettyExchange;
import org.flywheelmta.event.LineOperatorLog;
import org.flywheelmta.event.NettyLog;
import org.flywheelmta.event.OperatorOutput;
import org.flywheelmta.hook.Hooks;
import org.flywheelmta.net.PeerText;
import org.flywheelmta.net.SocketNetwork;
import org.flywheelmta.scheduler.EngineFailure;
import org.flywheelmta.scheduler.IoEngine;
import org.flywheelmta.scheduler.ThreadPlatform;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** {@code flywheel run}: the server. */
@Command(
    name = "run",
    mixinStandardHelpOptions = true,
    description = {
      "Starts the server and prints where it listens, then \"ready\".",
      "Ctrl-C and SIGTERM drain and stop it; a second one stops it at once."
    })
final class RunCommand implements Callable<Integer> {
  @Spec private @Nullable CommandSpec spec;
  @Mixin private ConfigurationArguments arguments = new ConfigurationArguments();

  @Override
  public Integer call() throws Exception {
    var line = Console.of(spec);
    var generation = arguments.load(line.getErr());
    return generation == null
        ? ExitCode.CONFIGURATION
        : serve(generation, line.getOut(), line.getErr());
  }

  private int serve(Generation generation, PrintWriter out, PrintWriter err) throws Exception {
    var engine = generation.global().get(ServerOptions.IO_ENGINE).orElseGet(IoEngine::auto);
    var lack = engine.lack();
    if (lack != null) {
      err.println("flywheel: this machine does not have the I/O engine " + engine + ": " + lack);
      return ExitCode.CONFIGURATION;
    }
    return serve(generation, engine, out, err);
  }

  private int serve(Generation generation, IoEngine engine, PrintWriter out, PrintWriter err)
      throws Exception {
    var faults = new FatalFault(err);
    var platform = new ThreadPlatform(engine, faults);
    var disk = new FileDisk();
    var log =
        LineOperatorLog.start(
            platform,
            List.of(
                new PrinterOutput(err),
                OperatorOutput.file(
                    disk, arguments.folder().resolve("log").resolve("operator.log"))));
    NettyLog.install(log);
    faults.reportTo(log);
    log.info("The I/O engine is " + engine);
    var doors =
        new Doors(
            platform,
            disk,
            new SocketNetwork(engine),
            (home, timeoutNanos) -> new NettyExchange(engine, home, timeoutNanos),
            log);
    var settings =
        new Server.Settings(
            generation,
            arguments.folder(),
            MachineName.read(),
            Runtime.getRuntime().availableProcessors(),
            Runtime.getRuntime().maxMemory(),
            Hooks.none(log));
    var ready = new CompletableFuture<Boolean>();
    var ended = new CompletableFuture<Integer>();
    try {
      var server = Server.start(doors, settings, new Announcement(out, err, ready, ended));
      Signals.install(() -> server.stop(() -> ended.complete(ExitCode.OK)), log);
    } catch (EngineFailure failure) {
      err.println("flywheel: the I/O engine " + failure.getMessage());
      ended.complete(ExitCode.CONFIGURATION);
    }
    var _ = CompletableFuture.anyOf(ready, ended).get();
    // A start loads classes on every scheduler, which tells nothing of how it will do.
    var stalls = ready.isDone() ? platform.watchStalls(log) : null;
    int code = ended.get();
    if (stalls != null) {
      stalls.close();
    }
    log.close();
    platform.close();
    return code;
  }

  /** Prints how the start went. */
  private record Announcement(
      PrintWriter out,
      PrintWriter err,
      CompletableFuture<Boolean> ready,
      CompletableFuture<Integer> ended)
      implements Server.Startup {
    @Override
    public void onReady(List<Server.Bound> listeners) {
      for (var bound : listeners) {
        out.println(bound.kind() + " " + PeerText.of(bound.address()));
      }
      out.println("ready");
      out.flush();
      ready.complete(true);
    }

    @Override
    public void onFailed(Failure failure) {
      err.println("flywheel: " + failure.line());
      err.flush();
      ended.complete(failure.exitCode());
    }
  }
}
