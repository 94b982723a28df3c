package org.flywheelmta.main;

import java.util.concurrent.Callable;
import java.util.concurrent.atomic.AtomicLong;
import org.flywheelmta.spool.SpoolReader;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** {@code flywheel spool list}: a line for each message that waits. */
@Command(
    name = "list",
    mixinStandardHelpOptions = true,
    description =
        "Lists the messages that wait: id, received, bytes, attempts, due, sender, recipient.")
final class SpoolListCommand implements Callable<Integer> {
  @Spec private @Nullable CommandSpec spec;
  @Mixin private SpoolArguments arguments = new SpoolArguments();

  @Override
  public Integer call() {
    var line = Console.of(spec);
    var out = line.getOut();
    return arguments.read(
        line.getErr(),
        spool -> {
          var count = new AtomicLong();
          spool.forEachWaiting(
              waiting -> {
                count.incrementAndGet();
                out.println(arguments.json() ? json(waiting) : text(waiting));
              });
          if (!arguments.json()) {
            out.println(count.get() == 1 ? "1 message waits" : count.get() + " messages wait");
          }
          return ExitCode.OK;
        });
  }

  private static String text(SpoolReader.Waiting waiting) {
    return waiting.id()
        + "  "
        + Times.text(waiting.receivedMicros())
        + "  "
        + waiting.contentBytes()
        + "  "
        + waiting.attempts()
        + "  "
        + (waiting.attempts() == 0 ? "new" : Times.text(waiting.dueMicros()))
        + "  <"
        + Printable.of(waiting.sender().toString())
        + ">  <"
        + Printable.of(waiting.recipient().toString())
        + ">";
  }

  private static String json(SpoolReader.Waiting waiting) {
    return new JsonLine()
        .text("message", waiting.id().toString())
        .number("received", waiting.receivedMicros())
        .number("bytes", waiting.contentBytes())
        .number("attempts", waiting.attempts())
        .number("due", waiting.dueMicros())
        .text("sender", waiting.sender().toString())
        .text("recipient", waiting.recipient().toString())
        .end();
  }
}
