package org.flywheelmta.main;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import org.flywheelmta.auth.Account;
import org.flywheelmta.auth.SaslText;
import org.flywheelmta.auth.ScramHash;
import org.flywheelmta.auth.ScramKeys;
import org.flywheelmta.base.Randomness;
import org.flywheelmta.event.AuditEvent;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code flywheel account add}: an account more, or another password for one. */
@Command(
    name = "add",
    mixinStandardHelpOptions = true,
    description = {
      "Adds an account. The password is asked for at the terminal; else it is the first line of the"
          + " standard input.",
      "",
      "Exit code 73 when there is an account of that name already."
    })
final class AccountAddCommand implements Callable<Integer> {
  @Spec private @Nullable CommandSpec spec;
  @Mixin private AccountArguments arguments = new AccountArguments();

  @Parameters(paramLabel = "NAME", description = "The name to log in with; it has case.")
  private String name = "";

  @Option(
      names = "--roles",
      paramLabel = "ROLE,ROLE",
      split = ",",
      description = "What the account may do, as protocols and commands understand it.")
  private List<String> roles = new ArrayList<>();

  @Option(
      names = "--replace",
      description = "Gives an account that is there another password and these roles.")
  private boolean replace;

  @Option(
      names = "--scram-sha-1",
      description = "Keeps keys for SCRAM-SHA-1 too, for clients that know nothing better.")
  private boolean old;

  @Option(
      names = "--iterations",
      paramLabel = "N",
      description =
          "How often the password is hashed, 4096 to 1000000 (default: ${DEFAULT-VALUE}). Leave it:"
              + " an account with another number can be told from a name that nobody has.")
  private int iterations = ScramKeys.DEFAULT_ITERATIONS;

  @Override
  public Integer call() {
    var line = Console.of(spec);
    var errors = line.getErr();
    var prepared = SaslText.name(name);
    if (prepared == null) {
      errors.println("flywheel: " + Printable.of(name) + " is no name of an account");
      return ExitCode.USAGE;
    }
    if (!roles.stream().allMatch(AccountAddCommand::isRole)) {
      errors.println("flywheel: a role has letters, digits, \"-\", \"_\" and dots, 64 at most");
      return ExitCode.USAGE;
    }
    if (iterations < ScramKeys.FEWEST_ITERATIONS || iterations > ScramKeys.MOST_ITERATIONS) {
      errors.println("flywheel: --iterations is 4096 to 1000000");
      return ExitCode.USAGE;
    }
    var password = PasswordPrompt.read(line, true);
    if (password == null) {
      return ExitCode.DATA;
    }
    var account = account(prepared, password);
    return arguments.change(
        errors,
        (accounts, out) -> {
          boolean there = accounts.accounts().containsKey(prepared);
          if (there && !replace) {
            out.println(
                "flywheel: there is an account "
                    + Printable.of(prepared)
                    + " already; --replace gives it another password");
            return null;
          }
          return new AccountArguments.Change(
              accounts.with(account),
              there ? AuditEvent.Type.CHANGED : AuditEvent.Type.ADDED,
              prepared,
              account.roles());
        });
  }

  private Account account(String prepared, String password) {
    var keys = new ArrayList<ScramKeys>();
    keys.add(ScramKeys.derive(ScramHash.SHA_256, password, salt(), iterations));
    if (old) {
      keys.add(ScramKeys.derive(ScramHash.SHA_1, password, salt(), iterations));
    }
    return new Account(prepared, roles.stream().distinct().sorted().toList(), keys);
  }

  private static byte[] salt() {
    var salt = ByteBuffer.allocate(2 * Long.BYTES);
    return salt.putLong(Randomness.system().secret()).putLong(Randomness.system().secret()).array();
  }

  private static boolean isRole(String text) {
    boolean good = !text.isEmpty() && text.length() <= 64;
    for (int i = 0; good && i < text.length(); i++) {
      char c = text.charAt(i);
      good =
          (c >= 'a' && c <= 'z')
              || (c >= 'A' && c <= 'Z')
              || (c >= '0' && c <= '9')
              || "-_.".indexOf(c) >= 0;
    }
    return good;
  }
}
