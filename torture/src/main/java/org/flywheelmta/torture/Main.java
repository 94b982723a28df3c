package org.flywheelmta.torture;

import java.io.IOException;
import java.time.Duration;
import org.flywheelmta.clients.BadScript;
import org.flywheelmta.clients.DurationWords;
import picocli.CommandLine;
import picocli.CommandLine.Command;

/** The command {@code flywheel torture}. */
@Command(
    name = "flywheel torture",
    description = "Tests from outside that a mail server keeps its promises.",
    synopsisSubcommandLabel = "COMMAND",
    mixinStandardHelpOptions = true,
    versionProvider = Main.Version.class,
    exitCodeListHeading = "%nExit codes:%n",
    exitCodeList = {
      "0:the promises were kept",
      "1:they were not, or nothing was proved",
      "64:wrong usage",
      "65:a script that says nothing, or what cannot be judged",
      "69:the machine does not allow it, such as too few open files",
      "74:a file or a port of the harness itself failed"
    },
    subcommands = {
      KillCommand.class,
      PowerCommand.class,
      SlowCommand.class,
      MixCommand.class,
      GenerateCommand.class,
      SinkCommand.class,
      JudgeCommand.class
    })
public final class Main {
  static final int BAD = 1;
  private static final int USAGE = 64;
  private static final int DATA = 65;
  private static final int UNAVAILABLE = 69;
  private static final int BUG = 70;
  private static final int INPUT_OUTPUT = 74;

  private Main() {}

  /** The version of this build. */
  static final class Version implements CommandLine.IVersionProvider {
    @Override
    public String[] getVersion() {
      var version = Main.class.getPackage().getImplementationVersion();
      return new String[] {"flywheel torture " + (version == null ? "unpackaged" : version)};
    }
  }

  /** Runs one subcommand and ends the process with its exit code (sysexits). */
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
          err.println("torture: " + e.getMessage());
          err.println("Try '" + spec.qualifiedName() + " --help'.");
          return USAGE;
        });
    line.setExecutionExceptionHandler(
        (e, command, result) -> {
          if (e instanceof Unavailable) {
            command.getErr().println("torture: " + e.getMessage());
            return UNAVAILABLE;
          }
          if (e instanceof BadScript) {
            command.getErr().println("torture: " + e.getMessage());
            return DATA;
          }
          if (e instanceof IOException) {
            command.getErr().println("torture: " + e.getMessage());
            return INPUT_OUTPUT;
          }
          command.getErr().println("torture: a bug: " + e);
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
