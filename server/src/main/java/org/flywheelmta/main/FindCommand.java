package org.flywheelmta.main;

import java.io.PrintWriter;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.flywheelmta.base.Clock;
import org.flywheelmta.base.MessageId;
import org.flywheelmta.base.TransactionId;
import org.flywheelmta.config.Generation;
import org.flywheelmta.disk.DiskFailure;
import org.flywheelmta.disk.FileDisk;
import org.flywheelmta.event.PastEvent;
import org.flywheelmta.spool.SpoolReader;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code flywheel find}: what became of a message, or of the messages to a recipient. */
@Command(
    name = "find",
    mixinStandardHelpOptions = true,
    description = {
      "Finds messages, waiting and finished, with what happened to each of them, whether a server"
          + " runs or not. It never writes.",
      "",
      "Finished ones are found as long as their events are kept (event_retention). After a kill"
          + " the last milliseconds of events may be missing; a message whose outcome is missing"
          + " and that waits nowhere is shown as unknown.",
      "",
      "Exit code 0 when something was found, 1 when not."
    })
final class FindCommand implements Callable<Integer> {
  @Spec private @Nullable CommandSpec spec;
  @Mixin private ConfigurationArguments configuration = new ConfigurationArguments();

  @Parameters(
      paramLabel = "TEXT",
      description =
          "A recipient's address, where it has an @; else the id of a message or a transaction.")
  private String text = "";

  @Option(names = "--json", description = "Prints JSON, one object a line for each message.")
  private boolean json;

  @Option(
      names = "--limit",
      paramLabel = "N",
      description = "The newest N messages (default: ${DEFAULT-VALUE}).")
  private int limit = 100;

  @Override
  public Integer call() {
    var line = Console.of(spec);
    var errors = line.getErr();
    var message = MessageId.parse(text);
    var transaction = message.map(MessageId::transaction).or(() -> TransactionId.parse(text));
    if (text.indexOf('@') < 0 && transaction.isEmpty()) {
      errors.println(
          "flywheel: " + Printable.of(text) + " is neither a recipient nor an id of a message");
      return ExitCode.USAGE;
    }
    if (limit < 1) {
      errors.println("flywheel: --limit is at least 1");
      return ExitCode.USAGE;
    }
    var generation = configuration.load(errors);
    if (generation == null) {
      return ExitCode.CONFIGURATION;
    }
    try {
      return find(generation, transaction, message, line.getOut(), errors);
    } catch (DiskFailure failure) {
      errors.println("flywheel: " + failure.getMessage());
      return Failure.exitCode(failure.kind());
    }
  }

  private int find(
      Generation generation,
      Optional<TransactionId> transaction,
      Optional<MessageId> message,
      PrintWriter out,
      PrintWriter errors)
      throws DiskFailure {
    var disk = new FileDisk();
    var paths =
        Storage.paths(generation, configuration.folder()).stream().filter(disk::exists).toList();
    var log = Storage.logFolder(configuration.folder());
    if (paths.isEmpty() && !disk.exists(log)) {
      errors.println("flywheel: " + configuration.folder() + ": there is no spool and no log");
      return ExitCode.DATA;
    }
    var clock = Clock.system();
    long lookMicros = clock.wallMicros();
    SpoolReader spool = null;
    if (!paths.isEmpty()) {
      spool = SpoolReader.read(disk, paths);
      spool.check().problems().forEach(problem -> errors.println("flywheel: " + problem));
    }
    var finding = new Finding(disk, log, spool, limit);
    if (text.indexOf('@') >= 0) {
      finding.recipient(text);
    } else {
      finding.transaction(transaction.orElseThrow(), message);
    }
    for (var found : finding.messages()) {
      if (json) {
        out.println(json(found, found.state(lookMicros)));
      } else {
        print(found, found.state(lookMicros), out);
      }
    }
    if (finding.more()) {
      errors.println("flywheel: only the newest are shown, --limit shows more");
    }
    if (finding.messages().isEmpty()) {
      errors.println("flywheel: nothing is known of " + Printable.of(text));
      return ExitCode.NOT_FOUND;
    }
    return ExitCode.OK;
  }

  private static void print(FoundMessage found, FoundMessage.State state, PrintWriter out) {
    out.println(found.id() + "  " + state.word());
    out.println("  from      <" + Printable.of(found.sender()) + ">");
    out.println("  to        <" + Printable.of(found.recipient()) + ">");
    if (state != FoundMessage.State.REJECTED && found.receivedMicros() > 0) {
      out.println("  received  " + Times.text(found.receivedMicros()) + ", " + size(found));
    }
    var waiting = found.waiting();
    if (waiting != null && state == FoundMessage.State.WAITING) {
      int attempts = waiting.attempts();
      out.println(
          "  waits     "
              + (attempts == 0
                  ? "for its first attempt"
                  : "after "
                      + attempts
                      + (attempts == 1 ? " attempt" : " attempts")
                      + ", due "
                      + Times.text(waiting.dueMicros())));
    }
    if (state == FoundMessage.State.UNKNOWN) {
      out.println("  its outcome is not in the event log, and it does not wait");
    }
    found.history().forEach(event -> out.println("  " + text(event)));
  }

  private static String size(FoundMessage found) {
    return found.bytes() + " bytes";
  }

  private static String text(PastEvent event) {
    var text = new StringBuilder(Times.text(event.number("time")));
    text.append("  ").append(Printable.of(event.text("type")));
    if (event.number("attempt") > 0) {
      text.append("  attempt ").append(event.number("attempt"));
    }
    for (var field : new String[] {"listener", "peer", "stage"}) {
      if (!event.text(field).isEmpty()) {
        text.append("  ").append(Printable.of(event.text(field)));
      }
    }
    var reply = FoundMessage.reply(event);
    return reply.isEmpty()
        ? text.toString()
        : text.append("  ").append(Printable.of(reply)).toString();
  }

  private static String json(FoundMessage found, FoundMessage.State state) {
    var line =
        new JsonLine()
            .text("message", found.id())
            .text("state", state.word())
            .text("sender", found.sender())
            .text("recipient", found.recipient())
            .number("received", found.receivedMicros())
            .number("bytes", found.bytes())
            .text("reply", found.reply());
    var waiting = found.waiting();
    if (waiting != null && state == FoundMessage.State.WAITING) {
      line.number("attempts", waiting.attempts()).number("due", waiting.dueMicros());
    }
    return line.objects("history", found.history().stream().map(PastEvent::line).toList()).end();
  }
}
