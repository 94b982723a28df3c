package org.flywheelmta.main;

import io.netty.buffer.ByteBuf;
import java.io.IOException;
import java.io.PrintWriter;
import java.util.Locale;
import java.util.concurrent.Callable;
import org.flywheelmta.base.MessageId;
import org.flywheelmta.base.TransactionId;
import org.flywheelmta.disk.DiskFailure;
import org.flywheelmta.spool.SpoolReader;
import org.flywheelmta.spool.StoredOutcome;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code flywheel spool show}: everything about one transaction that waits. */
@Command(
    name = "show",
    mixinStandardHelpOptions = true,
    description = "Shows a message that waits, and the other recipients of its transaction.")
final class SpoolShowCommand implements Callable<Integer> {
  @Spec private @Nullable CommandSpec spec;
  @Mixin private SpoolArguments arguments = new SpoolArguments();

  @Parameters(paramLabel = "ID", description = "The id of a message or of its transaction.")
  private String id = "";

  @Option(names = "--content", description = "Prints the content alone, as it is.")
  private boolean content;

  @Override
  public Integer call() {
    var line = Console.of(spec);
    var errors = line.getErr();
    var transaction =
        MessageId.parse(id).map(MessageId::transaction).or(() -> TransactionId.parse(id));
    if (transaction.isEmpty()) {
      errors.println("flywheel: " + Printable.of(id) + " is no id of a message");
      return ExitCode.USAGE;
    }
    return arguments.read(errors, spool -> show(spool, transaction.get(), line.getOut(), errors));
  }

  private int show(SpoolReader spool, TransactionId wanted, PrintWriter out, PrintWriter errors)
      throws DiskFailure {
    var found = spool.show(wanted);
    if (found.isEmpty()) {
      errors.println("flywheel: no message of " + wanted + " waits");
      return ExitCode.DATA;
    }
    var shown = found.get();
    try {
      if (content) {
        printContent(shown.content().bytes());
      } else if (arguments.json()) {
        printJson(shown, out);
      } else {
        print(shown, out);
      }
    } finally {
      shown.content().release();
    }
    return ExitCode.OK;
  }

  private static void print(SpoolReader.Shown shown, PrintWriter out) {
    var transaction = shown.transaction();
    out.println("transaction  " + transaction.id());
    out.println("received     " + Times.text(transaction.receivedMicros()));
    out.println("sender       <" + Printable.of(transaction.sender().toString()) + ">");
    out.println("content      " + transaction.contentBytes() + " bytes");
    for (int i = 0; i < shown.recipients().size(); i++) {
      var latest = shown.latest().get(i);
      var recipient = Printable.of(shown.recipients().get(i).toString());
      out.println("recipient " + i + "  <" + recipient + ">");
      if (latest == null) {
        out.println("    not attempted");
      } else {
        out.println(
            "    "
                + state(latest)
                + " after "
                + latest.attempts()
                + (latest.attempts() == 1 ? " attempt, " : " attempts, ")
                + Times.text(latest.wallMicros())
                + (latest.kind().isFinal() ? "" : ", due " + Times.text(latest.dueMicros()))
                + (latest.reply().isEmpty() ? "" : ": " + Printable.of(latest.reply())));
      }
    }
  }

  private static void printJson(SpoolReader.Shown shown, PrintWriter out) {
    var transaction = shown.transaction();
    for (int i = 0; i < shown.recipients().size(); i++) {
      var latest = shown.latest().get(i);
      var line =
          new JsonLine()
              .text("message", new MessageId(transaction.id(), i).toString())
              .number("received", transaction.receivedMicros())
              .number("bytes", transaction.contentBytes())
              .text("sender", transaction.sender().toString())
              .text("recipient", shown.recipients().get(i).toString())
              .text("state", latest == null ? "new" : state(latest));
      if (latest != null) {
        line.number("attempts", latest.attempts())
            .number("time", latest.wallMicros())
            .number("due", latest.dueMicros())
            .text("reply", latest.reply());
      }
      out.println(line.end());
    }
  }

  private static String state(StoredOutcome outcome) {
    return outcome.kind().name().toLowerCase(Locale.ROOT);
  }

  /** The octets as they are, past the printer's own character set. */
  private static void printContent(ByteBuf bytes) {
    try {
      bytes.getBytes(bytes.readerIndex(), System.out, bytes.readableBytes());
      System.out.flush();
    } catch (IOException gone) {
      throw new IllegalStateException("the content could not be printed", gone);
    }
  }
}
