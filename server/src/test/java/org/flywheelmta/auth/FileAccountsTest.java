package org.flywheelmta.auth;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import org.flywheelmta.auth.AccountSource.Found;
import org.flywheelmta.base.OperatorLog;
import org.flywheelmta.disk.DiskFailure;
import org.flywheelmta.disk.SimDisk;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The accounts of a file, through its changes. */
final class FileAccountsTest {
  private static final Path FILE = Path.of("/data/accounts");

  private final SimDisk disk = new SimDisk();
  private final AuthStage stage = new AuthStage();
  private final List<String> told = new ArrayList<>();
  private final OperatorLog operator = (level, text) -> told.add(level + " " + text);
  private final AccountsFile file = new AccountsFile(disk, FILE);
  private final FileAccounts accounts =
      new FileAccounts(disk, FILE, stage.pool, stage.schedulers, operator, new byte[] {1});

  @BeforeEach
  void folder() throws DiskFailure {
    disk.createFolder(Path.of("/data"));
  }

  private void write(String... names) throws DiskFailure {
    var all = new TreeMap<String, Account>();
    for (var name : names) {
      all.put(name, AuthStage.account(name, "secret", List.of("send", "read")));
    }
    file.write(new AccountsText(file.readOrBegin(stage).secret(), all));
  }

  private Found find(String name) {
    var answers = new ArrayList<Found>();
    stage.on(() -> accounts.find(name, stage.scheduler(), answers::add));
    stage.pool.run();
    stage.schedulers.run();
    assertThat(answers).hasSize(1);
    return answers.getFirst();
  }

  private void later() {
    stage.schedulers.advance(TimeUnit.SECONDS.toNanos(1));
  }

  @Test
  void accountThatWasWrittenIsFound() throws DiskFailure {
    write("alice", "bob");
    assertThat(find("alice"))
        .isEqualTo(new Found.Known(AuthStage.account("alice", "secret", List.of("send", "read"))));
    assertThat(find("carol")).isEqualTo(Found.Unknown.UNKNOWN);
    assertThat(find("Alice")).isEqualTo(Found.Unknown.UNKNOWN);
    assertThat(told).containsExactly("INFO /data/accounts: the accounts were read, 2 of them");
  }

  @Test
  void fileIsReadOnceASecondAtMost() throws DiskFailure {
    write("alice");
    find("alice");
    long reads = disk.count(SimDisk.Operation.READ);
    find("alice");
    find("bob");
    assertThat(disk.count(SimDisk.Operation.READ)).isEqualTo(reads);
    later();
    find("alice");
    assertThat(disk.count(SimDisk.Operation.READ)).isEqualTo(reads + 1);
    assertThat(told).hasSize(1);
  }

  @Test
  void changeCountsWithinASecond() throws DiskFailure {
    write("alice");
    find("alice");
    write("bob");
    later();
    assertThat(find("alice")).isEqualTo(Found.Unknown.UNKNOWN);
    assertThat(find("bob")).isInstanceOf(Found.Known.class);
    assertThat(told).hasSize(2);
  }

  @Test
  void fileThatIsMissingIsATemporaryFailureAndToldOnce() throws DiskFailure {
    assertThat(find("alice")).isInstanceOf(Found.Failed.class);
    later();
    assertThat(find("alice")).isInstanceOf(Found.Failed.class);
    assertThat(told)
        .singleElement()
        .asString()
        .startsWith("ERROR /data/accounts: ")
        .endsWith("nobody can log in");
    write("alice");
    later();
    assertThat(find("alice")).isInstanceOf(Found.Known.class);
  }

  @Test
  void fileThatIsBrokenLeavesTheAccountsOfBefore() throws DiskFailure {
    write("alice");
    find("alice");
    disk.put(FILE, AuthStage.octets("rubbish\n"));
    for (int i = 0; i < 3; i++) {
      later();
      assertThat(find("alice")).isInstanceOf(Found.Known.class);
    }
    assertThat(told)
        .hasSize(2)
        .last()
        .asString()
        .isEqualTo(
            "ERROR /data/accounts: line 1 is not the header of an accounts file of version 1; the"
                + " accounts of before go on counting");
  }

  @Test
  void fullPoolIsATemporaryFailure() throws DiskFailure {
    write("alice");
    stage.pool.full = true;
    assertThat(find("alice")).isEqualTo(new Found.Failed("the pool CPU is full"));
  }

  @Test
  void secretOfTheFileStaysThroughItsChanges() throws DiskFailure {
    assertThat(accounts.secret()).containsExactly(1);
    write("alice");
    find("alice");
    var secret = accounts.secret();
    assertThat(secret).hasSize(AccountsText.SECRET_OCTETS);
    write("bob");
    later();
    find("bob");
    assertThat(accounts.secret()).isEqualTo(secret);
  }

  @Test
  void twoThatWriteKeepEachOtherAway() throws DiskFailure {
    try (var _ = file.lock()) {
      assertThatThrownBy(file::lock)
          .isInstanceOfSatisfying(
              DiskFailure.class,
              failure -> assertThat(failure.kind()).isEqualTo(DiskFailure.Kind.LOCKED));
    }
    file.lock().close();
  }

  @Test
  void powerCutLeavesTheFileOfBeforeOrTheNewOne() throws DiskFailure {
    write("alice");
    disk.forceFolder(Path.of("/data"));
    var before = disk.copy();
    write("alice", "bob");
    long all = disk.operations() - before.operations();
    for (long at = 1; at <= all; at++) {
      var cut = before.copy();
      var there = new AccountsFile(cut, FILE);
      cut.cutPowerAt(cut.operations() + at);
      try {
        var text = there.read();
        there.write(text.with(AuthStage.account("bob", "secret", List.of())));
      } catch (SimDisk.PowerCut expected) {
        // The machine is off.
      }
      cut.crash(SimDisk.CrashMode.TORN, new SplittableRandom(at));
      assertThat(there.read().accounts()).containsKey("alice");
    }
  }
}
