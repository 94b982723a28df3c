package org.flywheelmta.main;

import org.flywheelmta.scheduler.IoEngine;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.IVersionProvider;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** {@code flywheel version}. */
@Command(
    name = "version",
    mixinStandardHelpOptions = true,
    description =
        "Prints the version of Flywheel and of the Java that it runs on, and the I/O engines of"
            + " this machine.")
final class VersionCommand implements Runnable, IVersionProvider {
  @Spec private @Nullable CommandSpec spec;

  /** The version of this build. */
  static String version() {
    var version = Main.class.getPackage().getImplementationVersion();
    return version == null ? "unpackaged" : version;
  }

  @Override
  public String[] getVersion() {
    return new String[] {"flywheel " + version() + ", Java " + Runtime.version()};
  }

  @Override
  public void run() {
    var out = Console.of(spec).getOut();
    out.println(getVersion()[0]);
    // One engine a line: scripts read these lines.
    for (var engine : IoEngine.values()) {
      var lack = engine.lack();
      var state =
          engine == IoEngine.auto() ? "default" : lack == null ? "there" : "not there: " + lack;
      out.println("io_engine " + engine + ", " + state);
    }
  }
}
