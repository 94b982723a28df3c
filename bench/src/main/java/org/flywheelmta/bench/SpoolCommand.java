package org.flywheelmta.bench;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.flywheelmta.bench.micro.SpoolBenchmark;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** The command {@code flywheel bench spool}. */
@Command(
    name = "spool",
    description = {
      "JMH: commits of mails of 10 KiB, alone and 32 together, and outcomes.",
      MicroCommand.USAGE
    },
    mixinStandardHelpOptions = true)
final class SpoolCommand extends MicroCommand {
  @Option(
      names = "--work-folder",
      paramLabel = "DIR",
      description =
          "Where the spools are, on the disk to be measured; it stays. By default a temporary"
              + " folder in target/ of the checkout.")
  @Nullable Path workFolder;

  @Override
  public Integer call() throws IOException {
    try (var site = Site.open(workFolder)) {
      var folder = site.folder("spools");
      return run(SpoolBenchmark.class, List.of("-D" + SpoolBenchmark.FOLDER + "=" + folder));
    }
  }
}
