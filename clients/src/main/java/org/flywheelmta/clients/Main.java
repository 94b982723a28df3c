package org.flywheelmta.clients;

import java.io.IOException;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.ParameterException;

/** The commands {@code flywheel send} and {@code flywheel sink}. */
@Command(
    name = "flywheel",
    description = "Clients for trying a mail server out.",
    synopsisSubcommandLabel = "COMMAND",
    mixinStandardHelpOptions = true,
    versionProvider = Main.Version.class,
    subcommands = {SendCommand.class, SinkCommand.class})
public final class Main implements Runnable {
  @CommandLine.Spec private CommandLine.Model.@Nullable CommandSpec spec;

  private Main() {}

  /** The version of this build. */
  static final class Version implements CommandLine.IVersionProvider {
    @Override
    public String[] getVersion() {
      var version = Main.class.getPackage().getImplementationVersion();
      return new String[] {"flywheel " + (version == null ? "unpackaged" : version)};
    }
  }

  /** Runs one command and exits with its code. */
  public static void main(String[] arguments) {
    System.exit(commandLine().execute(arguments));
  }

  static CommandLine commandLine() {
    var line = new CommandLine(new Main());
    prepare(line);
    line.getSubcommands().values().forEach(Main::prepare);
    line.setParameterExceptionHandler(
        (wrong, arguments) -> {
          var err = wrong.getCommandLine().getErr();
          err.println("flywheel: " + wrong.getMessage());
          err.println(
              "Try: " + wrong.getCommandLine().getCommandSpec().qualifiedName() + " --help");
          return ExitCode.USAGE;
        });
    line.setExecutionExceptionHandler(
        (fault, command, result) -> {
          var err = command.getErr();
          switch (fault) {
            case BadScript bad -> err.println("flywheel: " + bad.getMessage());
            case IOException failure -> err.println("flywheel: " + failure.getMessage());
            default -> {
              err.println(
                  "flywheel: this is a bug in Flywheel; please report it with what follows");
              err.println(fault);
              for (var frame : fault.getStackTrace()) {
                err.println("\tat " + frame);
              }
            }
          }
          return switch (fault) {
            case BadScript _ -> ExitCode.DATA;
            case IOException _ -> ExitCode.IO;
            default -> ExitCode.BUG;
          };
        });
    return line;
  }

  private static void prepare(CommandLine line) {
    line.getCommandSpec().usageMessage().showDefaultValues(true).width(100);
    line.registerConverter(Duration.class, new DurationWords());
  }

  @Override
  public void run() {
    if (spec != null) {
      throw new ParameterException(spec.commandLine(), "a command is needed");
    }
  }
}
