package org.flywheelmta.main;

import java.io.PrintWriter;
import java.util.List;
import org.flywheelmta.auth.AccountsFile;
import org.flywheelmta.auth.AccountsText;
import org.flywheelmta.auth.AuthOptions;
import org.flywheelmta.base.Clock;
import org.flywheelmta.base.Randomness;
import org.flywheelmta.config.Generation;
import org.flywheelmta.disk.DiskFailure;
import org.flywheelmta.disk.FileDisk;
import org.flywheelmta.event.AuditEvent;
import org.flywheelmta.event.FileAuditLog;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Mixin;

/** The arguments that say which accounts a command is about. */
final class AccountArguments {
  @Mixin private ConfigurationArguments configuration = new ConfigurationArguments();

  /** What a command does with the accounts that it reads. */
  interface Reading {
    int run(AccountsText accounts) throws DiskFailure;
  }

  /** What a command makes of the accounts that it reads. */
  interface Changing {
    /** What they become; null, with a line for the person who asked, where they stay. */
    @Nullable Change run(AccountsText accounts, PrintWriter errors);
  }

  /**
   * A change of accounts.
   *
   * @param accounts as they are after it
   * @param type what it is in the audit
   * @param account the name of the one that it is about
   * @param roles of that account after it
   */
  record Change(AccountsText accounts, AuditEvent.Type type, String account, List<String> roles) {}

  /** Reads the accounts. */
  int read(PrintWriter errors, Reading action) {
    return withFile(errors, (file, generation) -> action.run(file.read()));
  }

  /**
   * Changes the accounts, and writes that to the audit; nobody else changes them meanwhile.
   *
   * @return an exit code; the change is there where it is 0, and where only the audit failed
   */
  int change(PrintWriter errors, Changing action) {
    return withFile(
        errors,
        (file, generation) -> {
          Change change;
          try (var _ = file.lock()) {
            change = action.run(file.readOrBegin(Randomness.system()), errors);
            if (change == null) {
              return ExitCode.CANNOT_CREATE;
            }
            file.write(change.accounts());
          }
          return audit(generation, change, errors);
        });
  }

  private int audit(Generation generation, Change change, PrintWriter errors) {
    var node = generation.global().get(ServerOptions.HOSTNAME).orElseGet(MachineName::read);
    var clock = Clock.system();
    var event =
        new AuditEvent(
            change.type(),
            clock.wallMicros(),
            change.account(),
            change.roles(),
            "",
            new AuditEvent.Where("command", "", System.getProperty("user.name", ""), false),
            "",
            0);
    try {
      FileAuditLog.append(
          Storage.logFolder(configuration.folder()), node, new FileDisk(), clock, List.of(event));
      return ExitCode.OK;
    } catch (DiskFailure failure) {
      errors.println("flywheel: the accounts are changed, and the audit has no line of it");
      errors.println("flywheel: " + failure.getMessage());
      return Failure.exitCode(failure.kind());
    }
  }

  private interface Action {
    int run(AccountsFile file, Generation generation) throws DiskFailure;
  }

  private int withFile(PrintWriter errors, Action action) {
    var generation = configuration.load(errors);
    if (generation == null) {
      return ExitCode.CONFIGURATION;
    }
    var name = generation.global().get(AuthOptions.ACCOUNTS_FILE);
    if (name.isEmpty()) {
      errors.println(
          "flywheel: "
              + configuration.file()
              + ": accounts_file is not set, there are no accounts");
      return ExitCode.CONFIGURATION;
    }
    var disk = new FileDisk();
    var path = configuration.folder().resolve(name.get());
    try {
      var parent = path.getParent();
      if (parent != null) {
        disk.createFolder(parent);
      }
      return action.run(new AccountsFile(disk, path), generation);
    } catch (DiskFailure failure) {
      errors.println("flywheel: " + failure.getMessage());
      return Failure.exitCode(failure.kind());
    }
  }
}
