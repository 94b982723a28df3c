package org.flywheelmta.bench;

import java.io.IOException;
import java.util.List;
import org.flywheelmta.bench.micro.QueueBenchmark;
import picocli.CommandLine.Command;

/** The command {@code flywheel bench queue}. */
@Command(
    name = "queue",
    description = {
      "JMH: messages enqueued, taken and settled in domain records, without disk and network.",
      MicroCommand.USAGE
    },
    mixinStandardHelpOptions = true)
final class QueueCommand extends MicroCommand {
  @Override
  public Integer call() throws IOException {
    return run(QueueBenchmark.class, List.of());
  }
}
