package org.flywheelmta.spool;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.fail;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.TreeSet;
import org.flywheelmta.disk.SimDisk;
import org.flywheelmta.disk.SimDisk.CrashMode;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * A power cut at every disk operation of a scenario: nothing acknowledged is lost, nothing is
 * invented, what was finished for long stays finished, and recovery twice gives the same as once.
 */
class CrashTest {
  /** What a run knows of what it asked for and was told. */
  private static final class Ledger {
    private final Map<Integer, SpoolFixture.Answer> answers = new HashMap<>();
    private final Map<Integer, Integer> recipients = new HashMap<>();
    private final Map<Integer, byte[]> contents = new HashMap<>();
    // When the final outcome of a recipient was given to the spool.
    private final Map<String, Long> finishedNanos = new HashMap<>();
  }

  private static final class Run {
    private final SpoolFixture spool;
    private final Ledger ledger = new Ledger();

    Run(SimDisk disk) {
      spool = new SpoolFixture(disk, 7);
    }

    void commit(int number, int recipients, int length) {
      var octets = SpoolFixture.octets(number, length);
      ledger.recipients.put(number, recipients);
      ledger.contents.put(number, octets);
      ledger.answers.put(number, spool.post(number, recipients, octets));
    }

    void delivered(int number, int recipient) {
      ledger.finishedNanos.put(SpoolFixture.key(number, recipient), spool.platform.nanoTime());
      spool.delivered(number, recipient);
    }

    /** Several segments, chunks, partly finished transactions, recycling, a restart. */
    void scenario() {
      spool.openAndSettle();
      commit(1, 2, 300);
      commit(2, 1, 0);
      spool.platform.settle();
      commit(3, 1, 40_000);
      spool.platform.settle();
      delivered(1, 0);
      spool.platform.advanceMillis(120);
      for (int i = 10; i < 26; i++) {
        commit(i, 1, 9_000);
        spool.platform.settle();
        if (i % 5 != 0) {
          delivered(i, 0);
        }
      }
      spool.platform.advanceMillis(250);
      for (int i = 30; i < 44; i++) {
        commit(i, 2, 8_000);
        spool.platform.settle();
        delivered(i, 0);
        delivered(i, 1);
        spool.platform.advanceMillis(40);
      }
      spool.platform.advanceMillis(250);
      delivered(2, 0);
      spool.spool().close();
    }
  }

  private static List<String> recoveredKeys(SpoolFixture spool) {
    return new ArrayList<>(spool.recovered.keySet());
  }

  private static void check(Ledger ledger, long cutNanos, SpoolFixture after, String what) {
    var allowed = new TreeSet<String>();
    var required = new TreeSet<String>();
    ledger.recipients.forEach(
        (number, recipients) -> {
          var answer = ledger.answers.get(number);
          boolean acknowledged = answer != null && answer.committed;
          for (int i = 0; i < recipients; i++) {
            var key = SpoolFixture.key(number, i);
            var finished = ledger.finishedNanos.get(key);
            if (finished == null || cutNanos - finished <= 111_000_000L) {
              allowed.add(key);
            }
            if (finished == null && acknowledged) {
              required.add(key);
            }
          }
        });
    assertThat(after.recovered.keySet()).as("acknowledged, " + what).containsAll(required);
    assertThat(allowed).as("waiting, " + what).containsAll(after.recovered.keySet());
    assertThat(after.lines)
        .as("a stop never looks like damage, " + what)
        .noneMatch(line -> line.startsWith("ERROR"));
    checkContents(ledger, after, what);
  }

  private static void checkContents(Ledger ledger, SpoolFixture after, String what) {
    for (var stub : List.copyOf(after.recovered.values())) {
      int number = (int) (stub.id().wallMicros() - 1_700_000_000_000_000L);
      int whole = ledger.recipients.getOrDefault(number, 0);
      assertThat(after.envelope(number).transaction().recipients()).as(what).isEqualTo(whole);
      assertThat(after.load(number)).as("content, " + what).isEqualTo(ledger.contents.get(number));
    }
  }

  private static void explore(CrashMode mode, boolean lying, int step) {
    explore(mode, lying, false, step);
  }

  private static void explore(CrashMode mode, boolean lying, boolean blocks, int step) {
    var counting = new Run(new SimDisk());
    counting.scenario();
    long operations = counting.spool.disk.operations();
    assertThat(operations).isBetween(100L, 5000L);
    for (long cut = 1; cut <= operations; cut += step) {
      var disk = new SimDisk();
      disk.ignoreForce(lying);
      disk.tearBlocks(blocks);
      var run = new Run(disk);
      disk.cutPowerAt(cut);
      try {
        run.scenario();
        fail("the power was not cut at operation " + cut);
      } catch (SimDisk.PowerCut expected) {
        assertThat(disk.isOff()).isTrue();
      }
      run.spool.die();
      var what = "power cut at operation " + cut + " of " + operations + ", unforced " + mode;
      long cutNanos = run.spool.platform.nanoTime();
      disk.crash(mode, new SplittableRandom(cut));
      cutDuringRecovery(disk, cut, mode);
      var after = new SpoolFixture(disk, 8).openAndSettle();
      check(run.ledger, cutNanos, after, what);
      var first = recoveredKeys(after);
      after.die();
      disk.crash(mode, new SplittableRandom(cut));
      var again = new SpoolFixture(disk, 9).openAndSettle();
      assertThat(recoveredKeys(again)).as("recovered twice, " + what).isEqualTo(first);
      again.die();
    }
  }

  /** A second cut, somewhere in the recovery from the first. */
  private static void cutDuringRecovery(SimDisk disk, long cut, CrashMode mode) {
    disk.cutPowerAt(disk.operations() + 1 + cut % 41);
    var spool = new SpoolFixture(disk, 10);
    try {
      spool.openAndSettle();
    } catch (SimDisk.PowerCut expected) {
      assertThat(disk.isOff()).isTrue();
    }
    spool.die();
    disk.crash(mode, new SplittableRandom(-cut));
  }

  @ParameterizedTest
  @EnumSource(CrashMode.class)
  void nothingAcknowledgedIsLostAndNothingIsInvented(CrashMode mode) {
    explore(mode, false, 1);
  }

  /** A disk may lose a whole block of 4096 octets that it was writing, whatever it held before. */
  @Test
  void tornBlocksTakeNothingThatWasForcedBefore() {
    explore(CrashMode.TORN, false, true, 1);
  }

  @Test
  void diskThatLiesAboutForceIsFoundOut() {
    assertThatThrownBy(() -> explore(CrashMode.DROPPED, true, 3))
        .isInstanceOf(AssertionError.class)
        .hasMessageContaining("acknowledged, ");
  }

  @Test
  void killedProcessLosesNoOutcomeThatWasWritten() {
    var disk = new SimDisk();
    var run = new Run(disk);
    run.spool.openAndSettle();
    run.commit(1, 1, 100);
    // This one keeps the segment from being recycled.
    run.commit(2, 1, 100);
    run.spool.platform.settle();
    run.delivered(1, 0);
    run.spool.platform.advanceMillis(12);
    run.spool.die();
    disk.killProcess();
    var after = new SpoolFixture(disk, 8).openAndSettle();
    assertThat(after.recovered).containsOnlyKeys(SpoolFixture.key(2, 0));
    after.die();
    // What the kill left in the machine's memory was forced before anything was concluded from it.
    disk.crash(CrashMode.DROPPED, new SplittableRandom(1));
    var again = new SpoolFixture(disk, 9).openAndSettle();
    assertThat(again.recovered).containsOnlyKeys(SpoolFixture.key(2, 0));
    again.close();
  }
}
