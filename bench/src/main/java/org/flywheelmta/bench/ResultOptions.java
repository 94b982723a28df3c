package org.flywheelmta.bench;

import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** The options of every benchmark: where it works and where its result goes. */
final class ResultOptions {
  @Option(
      names = "--json",
      paramLabel = "FILE",
      description = "Writes every run, the machine, the date and the versions to a file.")
  @Nullable Path json;

  @Option(
      names = "--work-folder",
      paramLabel = "DIR",
      description =
          "Where the servers keep their data, on the disk to be measured; it stays. By default a"
              + " temporary folder in target/ of the checkout.")
  @Nullable Path workFolder;
}
