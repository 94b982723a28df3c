package org.flywheelmta.main;

import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.IExecutionExceptionHandler;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;

/** The command line. */
@Command(
    name = "flywheel",
    description = "Flywheel, a message transfer platform.",
    synopsisSubcommandLabel = "COMMAND",
    mixinStandardHelpOptions = true,
    versionProvider = VersionCommand.class,
    subcommands = {
      RunCommand.class,
      CheckCommand.class,
      ExplainCommand.class,
      FindCommand.class,
      AccountCommand.class,
      SpoolCommand.class,
      VersionCommand.class,
      CommandLine.HelpCommand.class
    },
    footer = {
      "",
      "Beside these, each with --help:",
      "  send     sends test mails to a server",
      "  sink     receives mails, and misbehaves by a script",
      "  test     runs every test",
      "  torture  judges from outside that a server keeps its promises",
      "",
      "Exit codes: 0 success, 1 not found, 64 usage, 65 data, 69 unavailable,",
      "70 bug, 73 cannot create, 74 I/O, 75 temporary, 77 permission, 78 configuration."
    })
public final class Main implements Runnable {
  @CommandLine.Spec private CommandLine.Model.@Nullable CommandSpec spec;

  private Main() {}

  /** Runs one command and exits with its code. */
  public static void main(String[] arguments) {
    System.exit(commandLine().execute(arguments));
  }

  static CommandLine commandLine() {
    return new CommandLine(new Main())
        .setCaseInsensitiveEnumValuesAllowed(true)
        .setParameterExceptionHandler(Main::usage)
        .setExecutionExceptionHandler(bug());
  }

  private static int usage(ParameterException wrong, String[] arguments) {
    var line = wrong.getCommandLine();
    line.getErr().println("flywheel: " + wrong.getMessage());
    line.getErr().println("Try: " + line.getCommandSpec().qualifiedName() + " --help");
    return ExitCode.USAGE;
  }

  private static IExecutionExceptionHandler bug() {
    return (Exception fault, CommandLine line, ParseResult result) -> {
      line.getErr()
          .println("flywheel: this is a bug in Flywheel; please report it with what follows");
      Trace.print(fault, line.getErr());
      return ExitCode.BUG;
    };
  }

  @Override
  public void run() {
    if (spec != null) {
      throw new ParameterException(spec.commandLine(), "a command is needed");
    }
  }
}
