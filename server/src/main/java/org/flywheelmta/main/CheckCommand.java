package org.flywheelmta.main;

import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** {@code flywheel check}: validates a configuration offline. */
@Command(
    name = "check",
    mixinStandardHelpOptions = true,
    description =
        "Validates the configuration and starts nothing. Errors are FILE:LINE:COLUMN: text.")
final class CheckCommand implements Callable<Integer> {
  @Spec private @Nullable CommandSpec spec;
  @Mixin private ConfigurationArguments arguments = new ConfigurationArguments();

  @Override
  public Integer call() {
    var line = Console.of(spec);
    if (arguments.load(line.getErr()) == null) {
      return ExitCode.CONFIGURATION;
    }
    line.getOut().println(arguments.file() + ": the configuration is good");
    return ExitCode.OK;
  }
}
