package org.flywheelmta.main;

import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** {@code flywheel spool}: looks at a spool, running or not, and never writes to it. */
@Command(
    name = "spool",
    mixinStandardHelpOptions = true,
    synopsisSubcommandLabel = "COMMAND",
    subcommands = {
      SpoolListCommand.class,
      SpoolShowCommand.class,
      SpoolCheckCommand.class,
      CommandLine.HelpCommand.class
    },
    description = "Reads a spool, whether a server runs on it or not. It never writes.")
final class SpoolCommand implements Runnable {
  @Spec private @Nullable CommandSpec spec;

  @Override
  public void run() {
    throw new CommandLine.ParameterException(Console.of(spec), "a command is needed");
  }
}
