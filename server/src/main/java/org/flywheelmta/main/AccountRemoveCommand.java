package org.flywheelmta.main;

import java.util.List;
import java.util.concurrent.Callable;
import org.flywheelmta.event.AuditEvent;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code flywheel account remove}: an account less. */
@Command(
    name = "remove",
    mixinStandardHelpOptions = true,
    description = {
      "Removes an account. Who is logged in stays so until the connection ends.",
      "",
      "Exit code 1 when there is no account of that name."
    })
final class AccountRemoveCommand implements Callable<Integer> {
  @Spec private @Nullable CommandSpec spec;
  @Mixin private AccountArguments arguments = new AccountArguments();

  @Parameters(paramLabel = "NAME", description = "The name of the account; it has case.")
  private String name = "";

  private boolean missing;

  @Override
  public Integer call() {
    int code =
        arguments.change(
            Console.of(spec).getErr(),
            (accounts, errors) -> {
              if (!accounts.accounts().containsKey(name)) {
                errors.println("flywheel: there is no account " + Printable.of(name));
                missing = true;
                return null;
              }
              return new AccountArguments.Change(
                  accounts.without(name), AuditEvent.Type.REMOVED, name, List.of());
            });
    return missing ? ExitCode.NOT_FOUND : code;
  }
}
