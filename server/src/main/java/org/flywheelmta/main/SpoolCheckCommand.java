package org.flywheelmta.main;

import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** {@code flywheel spool check}: reads all of a spool and tells of damage. */
@Command(
    name = "check",
    mixinStandardHelpOptions = true,
    description =
        "Reads the whole spool and verifies every record. Exit code 65 when any is damaged.")
final class SpoolCheckCommand implements Callable<Integer> {
  @Spec private @Nullable CommandSpec spec;
  @Mixin private SpoolArguments arguments = new SpoolArguments();

  @Override
  public Integer call() {
    var line = Console.of(spec);
    return arguments.read(
        line.getErr(),
        spool -> {
          var check = spool.check();
          if (arguments.json()) {
            line.getOut()
                .println(
                    new JsonLine()
                        .number("segments", check.segments())
                        .number("records", check.records())
                        .number("living", check.living())
                        .number("dead", check.dead())
                        .number("damaged", check.damaged())
                        .number("torn_tails", check.tornTails())
                        .number("dedupe_keys", check.keys())
                        .end());
          } else {
            line.getOut()
                .println(
                    check.segments()
                        + " segments, "
                        + check.records()
                        + " records, "
                        + check.living()
                        + " transactions wait, "
                        + check.dead()
                        + " are finished, "
                        + check.damaged()
                        + " damaged, "
                        + check.tornTails()
                        + " torn tails, "
                        + check.keys()
                        + " dedupe keys");
          }
          return ExitCode.OK;
        });
  }
}
