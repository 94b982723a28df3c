package org.flywheelmta.bench;

import java.io.IOException;
import java.time.Duration;
import org.flywheelmta.bench.bare.BareCommand;
import org.flywheelmta.clients.DurationWords;
import picocli.CommandLine;
import picocli.CommandLine.Command;

/** The command {@code flywheel bench}. */
@Command(
    name = "flywheel bench",
    description = "Measures the server, side by side with others where there is another.",
    synopsisSubcommandLabel = "NAME",
    mixinStandardHelpOptions = true,
    versionProvider = Main.Version.class,
    exitCodeListHeading = "%nExit codes:%n",
    exitCodeList = {
      "0:measured",
      "1:a run failed, so that its figures mean nothing",
      "64:wrong usage",
      "69:the machine lacks a program that the benchmark needs",
      "74:a file or a port of the benchmark itself failed"
    },
    subcommands = {
      RelayCommand.class,
      LatencyCommand.class,
      IdleCommand.class,
      StartCommand.class,
      SpoolCommand.class,
      ParseCommand.class,
      QueueCommand.class,
      BareCommand.class
    })
public final class Main {
  static final int BAD = 1;
  private static final int USAGE = 64;
  private static final int UNAVAILABLE = 69;
  private static final int BUG = 70;
  private static final int INPUT_OUTPUT = 74;

  private Main() {}

  /** The version of this build. */
  static final class Version implements CommandLine.IVersionProvider {
    @Override
    public String[] getVersion() {
      var version = Main.class.getPackage().getImplementationVersion();
      return new String[] {"flywheel bench " + (version == null ? "unpackaged" : version)};
    }
  }

  /** Runs one benchmark and ends the process with its exit code (sysexits). */
  public static void main(String[] arguments) {
    System.exit(commandLine().execute(arguments));
  }

  static CommandLine commandLine() {
    var line = new CommandLine(new Main());
    prepare(line);
    line.getSubcommands().values().forEach(Main::prepare);
    line.setParameterExceptionHandler(
        (e, arguments) -> {
          var spec = e.getCommandLine().getCommandSpec();
          var err = e.getCommandLine().getErr();
          err.println("bench: " + e.getMessage());
          err.println("Try '" + spec.qualifiedName() + " --help'.");
          return USAGE;
        });
    line.setExecutionExceptionHandler(
        (e, command, result) -> {
          if (e instanceof Unavailable) {
            command.getErr().println("bench: " + e.getMessage());
            return UNAVAILABLE;
          }
          if (e instanceof IOException) {
            command.getErr().println("bench: " + e.getMessage());
            return INPUT_OUTPUT;
          }
          command.getErr().println("bench: a bug: " + e);
          for (var frame : e.getStackTrace()) {
            command.getErr().println("\tat " + frame);
          }
          return BUG;
        });
    return line;
  }

  private static void prepare(CommandLine line) {
    line.getCommandSpec().exitCodeOnInvalidInput(USAGE).exitCodeOnExecutionException(BUG);
    line.getCommandSpec().usageMessage().showDefaultValues(true).width(100);
    line.registerConverter(Duration.class, new DurationWords());
  }
}
