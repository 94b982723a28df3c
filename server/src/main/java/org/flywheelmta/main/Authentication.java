package org.flywheelmta.main;

import java.nio.ByteBuffer;
import java.util.concurrent.TimeUnit;
import org.flywheelmta.auth.AuthOptions;
import org.flywheelmta.auth.Authenticator;
import org.flywheelmta.auth.Decoys;
import org.flywheelmta.auth.FileAccounts;
import org.flywheelmta.auth.GuessLimiter;
import org.flywheelmta.base.Randomness;
import org.flywheelmta.base.SingleThreadSafe;
import org.flywheelmta.disk.DiskFailure;
import org.flywheelmta.event.FileAuditLog;
import org.flywheelmta.scheduler.ThreadPool;
import org.jspecify.annotations.Nullable;

/** Who may log in to a server: its accounts, the limits on guessing, and the audit. */
@SingleThreadSafe
final class Authentication {
  private static final int SECRETS = 4;
  private static final long AUDIT_FILE_BYTES = 16 << 20;

  private final Doors doors;
  private final Server.Settings settings;
  private final String hostname;
  private final ThreadPool io;
  private final ThreadPool cpu;
  private volatile @Nullable Authenticator authenticator;
  private @Nullable FileAuditLog audit;

  /**
   * @param io reads the file of accounts
   * @param cpu hashes passwords
   */
  Authentication(
      Doors doors, Server.Settings settings, String hostname, ThreadPool io, ThreadPool cpu) {
    this.doors = doors;
    this.settings = settings;
    this.hostname = hostname;
    this.io = io;
    this.cpu = cpu;
  }

  /** Reads the accounts, where there are any, and opens the audit; blocks. */
  void open() throws DiskFailure {
    var global = settings.generation().global();
    var named = global.get(AuthOptions.ACCOUNTS_FILE);
    if (named.isEmpty()) {
      return;
    }
    var platform = doors.platform();
    var accounts =
        new FileAccounts(
            doors.disk(),
            settings.folder().resolve(named.get()),
            io,
            platform.clock(),
            doors.log(),
            secret(platform.randomness()));
    accounts.look();
    var opened =
        FileAuditLog.open(
            new FileAuditLog.Settings(
                settings.folder().resolve("log"),
                hostname,
                AUDIT_FILE_BYTES,
                TimeUnit.NANOSECONDS.toSeconds(global.get(AuthOptions.AUDIT_RETENTION)),
                global.get(AuthOptions.AUDIT_TOTAL_SIZE)),
            doors.disk(),
            platform,
            doors.log());
    audit = opened;
    authenticator =
        new Authenticator(
            accounts,
            null,
            new Decoys(accounts::secret),
            new GuessLimiter(AuthOptions.limits(global), platform.clock(), platform.randomness()),
            opened,
            cpu,
            platform.randomness(),
            platform.clock());
  }

  private static byte[] secret(Randomness randomness) {
    var octets = ByteBuffer.allocate(SECRETS * Long.BYTES);
    for (int i = 0; i < SECRETS; i++) {
      octets.putLong(randomness.secret());
    }
    return octets.array();
  }

  /** Null where there are no accounts; nobody can log in then. */
  @Nullable Authenticator authenticator() {
    return authenticator;
  }

  /** Ends the audit, after the last session; blocks. */
  void close() {
    authenticator = null;
    var open = audit;
    audit = null;
    if (open != null) {
      open.close();
    }
  }
}
