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

  /**
   * Reads the spool and runs {@code action}; what goes wrong is one line each, and damage is exit
   * code 65.
   */
  int read(PrintWriter errors, Action action) {
    var generation = configuration.load(errors);
    if (generation == null) {
      return ExitCode.CONFIGURATION;
    }
    var paths = Storage.paths(generation, configuration.folder());
    var disk = new FileDisk();
    for (var path : paths) {
      if (!disk.exists(path)) {
        errors.println("flywheel: " + path + ": there is no spool");
        return ExitCode.DATA;
      }
    }
    try {
      var spool = SpoolReader.read(disk, paths);
      // Whatever a command is about: a spool with damage, or of an unknown version, says so.
      spool.check().problems().forEach(problem -> errors.println("flywheel: " + problem));
      int code = action.run(spool);
      return code == ExitCode.OK && spool.check().damaged() > 0 ? ExitCode.DATA : code;
    } catch (DiskFailure failure) {
      errors.println("flywheel: " + failure.getMessage());
      return Failure.exitCode(failure.kind());
    }
  }
}
