package org.flywheelmta.main;

import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/**
 * {@code flywheel spool}: looks at a spool, running or not. Import alone writes, to one at rest.
 */
@Command(
    name = "spool",
    mixinStandardHelpOptions = true,
    synopsisSubcommandLabel = "COMMAND",
    subcommands = {
      SpoolListCommand.class,
      SpoolShowCommand.class,
      SpoolCheckCommand.class,
      SpoolExportCommand.class,
      SpoolImportCommand.class,
      CommandLine.HelpCommand.class
    },
    description = {
      "Reads a spool, whether a server runs on it or not, and writes what waits to files. Only import"
          + " writes to a spool, which no server may run on."
    })
final class SpoolCommand implements Runnable {
  @Spec private @Nullable CommandSpec spec;

  @Override
  public void run() {
    throw new CommandLine.ParameterException(Console.of(spec), "a command is needed");
  }
}
