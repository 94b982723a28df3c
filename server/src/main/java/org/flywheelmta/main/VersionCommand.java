package org.flywheelmta.main;

import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.IVersionProvider;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** {@code flywheel version}. */
@Command(
    name = "version",
    mixinStandardHelpOptions = true,
    description = "Prints the version of Flywheel and of the Java that it runs on.")
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
    Console.of(spec).getOut().println(getVersion()[0]);
  }
}
