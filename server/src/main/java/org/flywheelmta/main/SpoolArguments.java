package org.flywheelmta.main;

import java.io.PrintWriter;
import org.flywheelmta.disk.DiskFailure;
import org.flywheelmta.disk.FileDisk;
import org.flywheelmta.spool.SpoolReader;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** The arguments that say which spool a command is about, and how it prints. */
final class SpoolArguments {
  @Mixin private ConfigurationArguments configuration = new ConfigurationArguments();

  @Option(names = "--json", description = "Prints JSON, one object a line.")
  private boolean json;

  boolean json() {
    return json;
  }

  /** What a command does with the spool that it reads. */
  interface Action {
    int run(SpoolReader spool) throws DiskFailure;
  }

  /** Reads the spool and runs {@code action}; what goes wrong is one line and an exit code. */
  int read(PrintWriter errors, Action action) {
    var generation = configuration.load(errors);
    if (generation == null) {
      return ExitCode.CONFIGURATION;
    }
    var path = Storage.settings(generation, configuration.folder()).path();
    var disk = new FileDisk();
    if (!disk.exists(path)) {
      errors.println("flywheel: " + path + ": there is no spool");
      return ExitCode.DATA;
    }
    try {
      return action.run(SpoolReader.read(disk, path));
    } catch (DiskFailure failure) {
      errors.println("flywheel: " + failure.getMessage());
      return Failure.exitCode(failure.kind());
    }
  }
}
