package org.flywheelmta.auth;

import static org.assertj.core.api.Assertions.assertThat;

import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import org.flywheelmta.auth.AccountSource.Found;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Accounts of a database in memory, through JDBC. */
final class SqlAccountsTest {
  private static final String QUERY =
      "SELECT roles, sha256 AS scram_sha_256, sha1 AS scram_sha_1 FROM users WHERE name = ?";

  // Named by the object, since databases in memory are known to the whole process.
  private final String url = "jdbc:h2:mem:accounts" + System.identityHashCode(this);
  private final AuthStage stage = new AuthStage();
  private final Account alice = AuthStage.account("alice", "secret", List.of("send", "read"));
  private final SqlAccounts accounts = accounts(QUERY);
  private Connection database;

  private SqlAccounts accounts(String query) {
    return new SqlAccounts(new SqlAccounts.Settings(url, "sa", "", query, 2, 5), stage.pool);
  }

  @BeforeEach
  void open() throws SQLException {
    database = DriverManager.getConnection(url, "sa", "");
    try (var statement = database.createStatement()) {
      statement.execute(
          "CREATE TABLE users (name VARCHAR PRIMARY KEY, roles VARCHAR, sha256 VARCHAR, sha1"
              + " VARCHAR)");
    }
    insert("alice", "send,read", print(ScramHash.SHA_256), print(ScramHash.SHA_1));
    insert("nokeys", "", null, null);
    insert("badkeys", "", "rubbish", null);
  }

  @AfterEach
  void close() throws SQLException {
    accounts.close();
    database.close();
  }

  private String print(ScramHash hash) {
    return alice.keys().stream().filter(k -> k.hash() == hash).findFirst().orElseThrow().print();
  }

  private void insert(@Nullable String... values) throws SQLException {
    try (var insert = database.prepareStatement("INSERT INTO users VALUES (?, ?, ?, ?)")) {
      for (int i = 0; i < values.length; i++) {
        insert.setString(i + 1, values[i]);
      }
      insert.executeUpdate();
    }
  }

  private Found find(SqlAccounts source, String name) {
    var answers = new ArrayList<Found>();
    stage.on(() -> source.find(name, stage.scheduler(), answers::add));
    stage.pool.run();
    stage.schedulers.run();
    assertThat(answers).hasSize(1);
    return answers.getFirst();
  }

  @Test
  void accountIsFoundWithKeysAndRoles() {
    assertThat(find(accounts, "alice")).isEqualTo(new Found.Known(alice));
    assertThat(find(accounts, "alice")).isEqualTo(new Found.Known(alice));
    assertThat(find(accounts, "bob")).isEqualTo(Found.Unknown.UNKNOWN);
    assertThat(find(accounts, "' OR 1=1 --")).isEqualTo(Found.Unknown.UNKNOWN);
  }

  @Test
  void accountWithoutGoodKeysIsAFailure() {
    assertThat(find(accounts, "nokeys")).isInstanceOf(Found.Failed.class);
    assertThat(find(accounts, "badkeys")).isInstanceOf(Found.Failed.class);
  }

  @Test
  void queryThatIsNoneIsAFailureWithItsReason() {
    try (var broken = accounts("SELECT nothing FROM nowhere WHERE name = ?")) {
      assertThat(find(broken, "alice"))
          .isInstanceOfSatisfying(
              Found.Failed.class,
              failed -> assertThat(failed.why()).startsWith("the accounts' database: "));
    }
  }

  @Test
  void connectionThatTheDatabaseClosedIsReplaced() throws SQLException {
    find(accounts, "alice");
    try (var statement = database.createStatement()) {
      statement.execute("SHUTDOWN");
    }
    open();
    assertThat(find(accounts, "alice")).isEqualTo(new Found.Known(alice));
  }

  @Test
  void moreLookUpsThanTheLimitFailAtOnce() {
    var answers = new ArrayList<Found>();
    for (int i = 0; i < 3; i++) {
      stage.on(() -> accounts.find("alice", stage.scheduler(), answers::add));
    }
    assertThat(answers).singleElement().isInstanceOf(Found.Failed.class);
    stage.pool.run();
    stage.schedulers.run();
    assertThat(answers).hasSize(3);
    assertThat(find(accounts, "alice")).isEqualTo(new Found.Known(alice));
  }

  @Test
  void fullPoolIsATemporaryFailure() {
    stage.pool.full = true;
    assertThat(find(accounts, "alice")).isEqualTo(new Found.Failed("the pool CPU is full"));
    stage.pool.full = false;
    assertThat(find(accounts, "alice")).isInstanceOf(Found.Known.class);
  }

  @Test
  void settingsSayNoPassword() {
    assertThat(new SqlAccounts.Settings("url", "u", "s3cret", "q", 1, 1).toString())
        .isEqualTo("url");
  }
}
