package org.flywheelmta.torture;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.flywheelmta.clients.Progress;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

@Command(
    name = "sink",
    mixinStandardHelpOptions = true,
    description = {
      "Receives mails, records them, and misbehaves on purpose.",
      "Recipients marked with '.refuse' before the @ are always refused with 550."
    })
final class SinkCommand implements Callable<Integer> {
  private static final long POLL_MILLIS = 200;

  @Spec @Nullable CommandSpec spec;

  @Option(names = "--listen", paramLabel = "HOST:PORT", description = "Port 0 takes a free one.")
  String listen = "127.0.0.1:2600";

  @Option(names = "--record", paramLabel = "FILE", description = "Where to keep the record.")
  Path recordFile = Path.of(History.SINK_RECORD);

  @Option(
      names = "--time",
      paramLabel = "TIME",
      description = "How long to run; 0 for until it is ended.",
      defaultValue = "0s")
  Duration time = Duration.ZERO;

  @Option(names = "--seed", paramLabel = "N", description = "Chooses whom misbehaviour strikes.")
  @Nullable Long seed;

  @Mixin SinkOptions misbehaviour = new SinkOptions(Misbehaviour.Shares.NONE);

  @Override
  public Integer call() throws IOException, InterruptedException {
    long chosen = LoadOptions.seed(seed);
    var wrong = misbehaviour.misbehaviour(chosen);
    var script = misbehaviour.script();
    var progress = Progress.onStandardError();
    var end = new CountDownLatch(1);
    long deadline = System.nanoTime() + (time.isZero() ? Duration.ofDays(365) : time).toNanos();
    try (var record = SinkRecord.open(recordFile);
        var sink = Sink.start(GenerateCommand.address(spec, listen), record, wrong, script)) {
      System.out.println("sink listens on " + sink.address() + "  seed " + chosen);
      while (System.nanoTime() < deadline) {
        boolean _ = end.await(POLL_MILLIS, TimeUnit.MILLISECONDS);
        sink.check();
        progress.show(
            () -> "delivered %d  connections %d".formatted(sink.mails(), sink.connections()));
      }
      sink.conclude();
      System.out.println("delivered " + sink.mails());
      sink.script().lines().forEach(System.out::println);
    }
    return 0;
  }
}
