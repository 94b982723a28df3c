package org.flywheelmta.main;

import java.util.concurrent.Callable;
import org.flywheelmta.auth.Account;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code flywheel account list}: a line for each account. */
@Command(
    name = "list",
    mixinStandardHelpOptions = true,
    description = "Lists the accounts: name, roles, and the hashes that are kept, with iterations.")
final class AccountListCommand implements Callable<Integer> {
  @Spec private @Nullable CommandSpec spec;
  @Mixin private AccountArguments arguments = new AccountArguments();

  @Option(names = "--json", description = "Prints JSON, one object a line.")
  private boolean json;

  @Override
  public Integer call() {
    var line = Console.of(spec);
    var out = line.getOut();
    return arguments.read(
        line.getErr(),
        accounts -> {
          for (var account : accounts.accounts().values()) {
            out.println(json ? json(account) : text(account));
          }
          if (!json) {
            int count = accounts.accounts().size();
            out.println(count == 1 ? "1 account" : count + " accounts");
          }
          return ExitCode.OK;
        });
  }

  private static String text(Account account) {
    var text = new StringBuilder(Printable.of(account.name()));
    text.append("  ");
    var roles = String.join(",", account.roles());
    text.append(roles.isEmpty() ? "-" : Printable.of(roles));
    account.keys().forEach(keys -> text.append("  ").append(keys));
    return text.toString();
  }

  private static String json(Account account) {
    return new JsonLine()
        .text("account", account.name())
        .texts("roles", account.roles())
        .texts("hashes", account.keys().stream().map(keys -> keys.hash().word()).toList())
        .number("iterations", account.keys().getFirst().iterations())
        .end();
  }
}
