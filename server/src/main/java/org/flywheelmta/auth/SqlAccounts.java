package org.flywheelmta.auth;

import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Properties;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.function.Consumer;
import org.flywheelmta.base.ConcurrentThreadSafe;
import org.flywheelmta.base.Limit;
import org.flywheelmta.base.ReadOnlyThreadSafe;
import org.flywheelmta.scheduler.Job;
import org.flywheelmta.scheduler.Scheduler;
import org.flywheelmta.scheduler.ThreadPool;
import org.jspecify.annotations.Nullable;

/**
 * Accounts of a database, by a query of the operator's, on a pool. Connections are kept and used
 * again, as many as were ever needed at once; one that fails is closed, and a look-up over one that
 * was kept is tried once more over a fresh one.
 *
 * <p>The driver opens its sockets itself; how long it waits for them stands in its URL.
 */
@ConcurrentThreadSafe
public final class SqlAccounts implements AccountSource, AutoCloseable {
  private static final int MOST_ROLES_CHARS = 10_000;

  /**
   * Where the database is, and what it is asked.
   *
   * @param url of JDBC
   * @param user empty where the URL says it
   * @param password of that user
   * @param query with one parameter, the account's name. Its first row counts; the columns that
   *     count are named {@code scram_sha_256} and {@code scram_sha_1}, as the accounts file has
   *     them, at least one of them not null, and {@code roles}, separated by commas, which may be
   *     missing
   * @param lookups how many may be under way; the pool's other users need threads too
   * @param timeoutSeconds how long the driver lets a query run; 0 for any time
   */
  @ReadOnlyThreadSafe
  public record Settings(
      String url, String user, String password, String query, int lookups, int timeoutSeconds) {
    /** Without the password. */
    @Override
    public String toString() {
      return url;
    }
  }

  private final Settings settings;
  private final ThreadPool pool;
  private final Limit lookups;
  private final ConcurrentLinkedQueue<Connection> idle = new ConcurrentLinkedQueue<>();
  private volatile boolean closed;

  /** Opens nothing yet: a database that is away is a failure of each look-up. */
  public SqlAccounts(Settings settings, ThreadPool pool) {
    this.settings = settings;
    this.pool = pool;
    this.lookups = new Limit("accounts_sql_lookups", settings.lookups());
  }

  @Override
  public void find(String name, Scheduler asker, Consumer<Found> answer) {
    if (!lookups.tryTake(1)) {
      answer.accept(new Found.Failed("too many look-ups of accounts are under way"));
      return;
    }
    boolean taken =
        pool.submit(
            asker,
            new Job<Found>() {
              @Override
              public Found work() {
                try {
                  return find(name);
                } finally {
                  lookups.release(1);
                }
              }

              @Override
              public void onDone(Found found) {
                answer.accept(found);
              }

              @Override
              public void onFailed(Exception failure) {
                answer.accept(new Found.Failed(String.valueOf(failure.getMessage())));
              }
            });
    if (!taken) {
      lookups.release(1);
      answer.accept(new Found.Failed("the pool " + pool.name() + " is full"));
    }
  }

  private Found find(String name) {
    try {
      var kept = idle.poll();
      if (kept != null) {
        try {
          return find(name, kept);
        } catch (SQLException stale) {
          // The database may have closed what was kept; a fresh one tells whether it is away.
          close(kept);
        }
      }
      var fresh = open();
      try {
        return find(name, fresh);
      } catch (SQLException failure) {
        close(fresh);
        throw failure;
      }
    } catch (SQLException failure) {
      return new Found.Failed("the accounts' database: " + failure.getMessage());
    }
  }

  private Connection open() throws SQLException {
    var properties = new Properties();
    if (!settings.user().isEmpty()) {
      properties.setProperty("user", settings.user());
      properties.setProperty("password", settings.password());
    }
    var connection = DriverManager.getConnection(settings.url(), properties);
    connection.setReadOnly(true);
    return connection;
  }

  private Found find(String name, Connection connection) throws SQLException {
    Found found;
    try (var statement = connection.prepareStatement(settings.query())) {
      statement.setQueryTimeout(settings.timeoutSeconds());
      statement.setMaxRows(1);
      statement.setString(1, name);
      try (var rows = statement.executeQuery()) {
        found = rows.next() ? account(name, rows) : Found.Unknown.UNKNOWN;
      }
    }
    idle.add(connection);
    if (closed) {
      close();
    }
    return found;
  }

  private static Found account(String name, ResultSet row) throws SQLException {
    var keys = new ArrayList<ScramKeys>();
    for (var hash : ScramHash.values()) {
      var text = column(row, hash == ScramHash.SHA_256 ? "scram_sha_256" : "scram_sha_1");
      if (text != null) {
        var parsed = ScramKeys.parse(hash, text);
        if (parsed == null) {
          return new Found.Failed("the accounts' database has keys that are none");
        }
        keys.add(parsed);
      }
    }
    if (keys.isEmpty()) {
      return new Found.Failed("the accounts' database has an account without keys");
    }
    var roles = column(row, "roles");
    if (roles == null || roles.isEmpty() || roles.length() > MOST_ROLES_CHARS) {
      return new Found.Known(new Account(name, List.of(), keys));
    }
    return new Found.Known(new Account(name, List.of(roles.split(",", -1)), keys));
  }

  /** A column by its name, in any case; null where it is missing or has no value. */
  private static @Nullable String column(ResultSet row, String label) throws SQLException {
    var columns = row.getMetaData();
    for (int i = 1; i <= columns.getColumnCount(); i++) {
      if (columns.getColumnLabel(i).equalsIgnoreCase(label)) {
        return row.getString(i);
      }
    }
    return null;
  }

  private static void close(Connection connection) {
    try {
      connection.close();
    } catch (SQLException ignored) {
      // It is given up in any case.
    }
  }

  /** Closes the connections that are kept; those in use follow. May block. */
  @Override
  public void close() {
    closed = true;
    for (var kept = idle.poll(); kept != null; kept = idle.poll()) {
      close(kept);
    }
  }
}
