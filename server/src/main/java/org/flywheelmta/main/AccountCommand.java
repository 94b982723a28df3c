package org.flywheelmta.main;

import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** {@code flywheel account}: who may log in. */
@Command(
    name = "account",
    mixinStandardHelpOptions = true,
    synopsisSubcommandLabel = "COMMAND",
    subcommands = {
      AccountAddCommand.class,
      AccountListCommand.class,
      AccountRemoveCommand.class,
      AccountCheckCommand.class,
      CommandLine.HelpCommand.class
    },
    description = {
      "Keeps the accounts of accounts_file, whether a server runs or not; one that runs notices within"
          + " a second. Passwords are asked for, or read from the standard input; what is kept of"
          + " them are salted hashes."
    })
final class AccountCommand implements Runnable {
  @Spec private @Nullable CommandSpec spec;

  @Override
  public void run() {
    throw new CommandLine.ParameterException(Console.of(spec), "a command is needed");
  }
}
