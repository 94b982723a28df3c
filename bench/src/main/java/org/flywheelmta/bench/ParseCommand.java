package org.flywheelmta.bench;

import java.io.IOException;
import java.util.List;
import org.flywheelmta.smtp.ParseBenchmark;
import picocli.CommandLine.Command;

/** The command {@code flywheel bench parse}. */
@Command(
    name = "parse",
    description = {
      "JMH: reading MAIL and RCPT with parameters, and the data of a mail of 10 KiB.",
      MicroCommand.USAGE
    },
    mixinStandardHelpOptions = true)
final class ParseCommand extends MicroCommand {
  @Override
  public Integer call() throws IOException {
    return run(ParseBenchmark.class, List.of());
  }
}
