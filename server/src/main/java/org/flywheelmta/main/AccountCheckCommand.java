package org.flywheelmta.main;

import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code flywheel account check}: whether a password is the one of an account. */
@Command(
    name = "check",
    mixinStandardHelpOptions = true,
    description = {
      "Says whether a password, which is asked for or read from the standard input, is the one of an"
          + " account.",
      "",
      "Exit code 0 when it is, 1 when not, or when there is no such account."
    })
final class AccountCheckCommand implements Callable<Integer> {
  @Spec private @Nullable CommandSpec spec;
  @Mixin private AccountArguments arguments = new AccountArguments();

  @Parameters(paramLabel = "NAME", description = "The name of the account; it has case.")
  private String name = "";

  @Override
  public Integer call() {
    var line = Console.of(spec);
    return arguments.read(
        line.getErr(),
        accounts -> {
          var account = accounts.accounts().get(name);
          if (account == null) {
            line.getErr().println("flywheel: there is no account " + Printable.of(name));
            return ExitCode.NOT_FOUND;
          }
          var password = PasswordPrompt.read(line, false);
          if (password == null) {
            return ExitCode.DATA;
          }
          boolean right = account.keys().stream().allMatch(keys -> keys.matches(password));
          line.getOut().println(right ? "the password is right" : "the password is wrong");
          return right ? ExitCode.OK : ExitCode.NOT_FOUND;
        });
  }
}
