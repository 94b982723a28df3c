package org.flywheelmta.spool;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Consumer;
import org.flywheelmta.disk.SimDisk;
import org.flywheelmta.message.Stub;
import org.flywheelmta.spool.StoredOutcome.Kind;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * One bit flips anywhere in a spool. A start never fails for it; it is reported and set aside, or
 * it changes nothing; and whatever it hits, the mails beside it are whole.
 */
final class FlippedOctetTest {
  /** Time in which damage must be found, by recovery or after it. */
  private static final int FOUND_WITHIN_MILLIS = 3_000;

  private static final int UNIT = 64;
  private static final int NOTICE = 500;

  /** A message as an undamaged start brings it back. */
  private record Known(int number, int attempts, Object octets) {}

  /**
   * A spool to be damaged.
   *
   * @param back what an undamaged start brings back, by recipient
   */
  private record Victim(SimDisk disk, Map<String, Known> back) {
    static Victim of(Consumer<SpoolFixture> life, boolean killed, int segments) {
      var disk = new SimDisk((long) segments * SpoolFixture.SEGMENT_BYTES);
      var spool = new SpoolFixture(disk, 1).openAndSettle();
      life.accept(spool);
      if (killed) {
        spool.die();
        disk.killProcess();
      } else {
        spool.close();
      }
      var back = new TreeMap<String, Known>();
      var after = new SpoolFixture(disk.copy(), 2).openAndSettle();
      after.recovered.forEach(
          (key, stub) -> {
            int number = number(stub);
            back.put(key, new Known(number, stub.attempts(), after.load(number)));
          });
      after.close();
      return new Victim(disk, back);
    }

    private static int number(Stub stub) {
      return (int) (stub.id().wallMicros() - 1_700_000_000_000_000L);
    }

    /**
     * Flips and starts.
     *
     * @return whether it was reported
     */
    boolean flipped(Path file, int at, int bit) {
      var what = "octet " + at + " of " + file + ", bit " + bit;
      var flipped = disk.copy();
      flipped.flip(file, at, 1 << bit);
      var spool = new SpoolFixture(flipped, 2).openAndSettle();
      spool.platform.advanceMillis(FOUND_WITHIN_MILLIS);
      var hit = new TreeSet<String>();
      back.forEach(
          (key, known) -> {
            if (!isWhole(known, spool.recovered.get(key), spool, what)) {
              hit.add(owner(key));
            }
          });
      for (var key : spool.recovered.keySet()) {
        if (!back.containsKey(key)) {
          hit.add(owner(key));
        }
      }
      // In the last batch it cannot be told from what a stop tore, and is a warning.
      boolean reported =
          spool.lines.stream()
              .anyMatch(line -> StoryLedger.isTrouble(line) || line.startsWith("WARNING"));
      if (!hit.isEmpty()) {
        assertThat(reported).as("%s is found: it hit %s", what, hit).isTrue();
        // A notification and the mail that it tells of share a record.
        hit.remove(SpoolFixture.id(NOTICE).toString());
        assertThat(hit).as(what).hasSizeLessThanOrEqualTo(1);
      }
      boolean aside = flipped.files().stream().anyMatch(path -> path.toString().contains("quar"));
      boolean header = spool.lines.stream().anyMatch(line -> line.contains("is left as it is"));
      assertThat(aside || header).as("%s is set aside", what).isEqualTo(reported);
      spool.close();
      return reported;
    }

    private static boolean isWhole(
        Known known, @Nullable Stub stub, SpoolFixture spool, String what) {
      if (stub == null) {
        return false;
      }
      if (spool.load(known.number) instanceof byte[] octets) {
        assertThat(octets).as("content of %d, %s", known.number, what).isEqualTo(known.octets);
        return stub.attempts() == known.attempts;
      }
      return false;
    }

    private static String owner(String key) {
      return key.substring(0, key.lastIndexOf('-'));
    }

    /** Whether the 64 octets around a place and those beside them are zeros. */
    boolean isBlank(byte[] bytes, int at) {
      int from = Math.max(0, at / UNIT * UNIT - UNIT);
      for (int i = from; i < Math.min(bytes.length, from + 3 * UNIT); i++) {
        if (bytes[i] != 0) {
          return false;
        }
      }
      return true;
    }

    List<Path> spoolFiles() {
      return disk.files().stream().filter(file -> file.startsWith(SpoolFixture.FOLDER)).toList();
    }
  }

  /** Every sort of record, in a few thousand octets. */
  private static void small(SpoolFixture spool) {
    spool.commit(1, 2, 90);
    spool.commit(2, 1, 300);
    spool.post(3, 1, SpoolFixture.octets(3, 17_000));
    spool.post(4, 3, SpoolFixture.octets(4, 0));
    spool.post(5, 1, SpoolFixture.octets(5, 64));
    spool.platform.settle();
    spool.delivered(5, 0);
    spool.spool().outcome(SpoolFixture.id(2), 0, SpoolFixture.outcome(Kind.WAITING, 3));
    spool.platform.advanceMillis(15);
    spool.delivered(4, 1);
    spool.postSettling(NOTICE, SpoolFixture.octets(NOTICE, 80), SpoolFixture.failed(1, 1));
    spool.platform.advanceMillis(300);
  }

  /** Some segments, some of them in their second use. */
  private static void larger(SpoolFixture spool) {
    var random = new SplittableRandom(1);
    for (int i = 1; i < 70; i++) {
      spool.commit(i, 1 + i % 2, 2_000 + random.nextInt(12_000));
      if (i % 3 != 0) {
        spool.delivered(i, 0);
      } else {
        spool.spool().outcome(SpoolFixture.id(i), 0, SpoolFixture.outcome(Kind.WAITING, 1 + i % 4));
      }
      if (i % 2 == 1 && i % 11 != 0) {
        spool.delivered(i, 1);
      }
      spool.platform.advanceMillis(30);
    }
    spool.platform.advanceMillis(300);
  }

  /** Where every octet is flipped, and one of 64 where all around is blank. */
  private static int explore(Victim victim, boolean everywhere) {
    int found = 0;
    var random = new SplittableRandom(2);
    for (var file : victim.spoolFiles()) {
      var bytes = victim.disk.bytes(file);
      for (int at = 0; at < bytes.length; at++) {
        if (!everywhere && victim.isBlank(bytes, at)) {
          at = at / UNIT * UNIT + random.nextInt(UNIT);
          victim.flipped(file, at, random.nextInt(8));
          at = at / UNIT * UNIT + UNIT - 1;
        } else {
          found += victim.flipped(file, at, at % 8) ? 1 : 0;
        }
      }
    }
    return found;
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void everyFlipInASmallSpoolIsFoundOrHarmless(boolean killed) {
    var victim = Victim.of(FlippedOctetTest::small, killed, 64);
    assertThat(victim.back).hasSize(6);
    assertThat(explore(victim, false)).isGreaterThan(17_000);
  }

  @Tag("slow")
  @Test
  void everyFlipInItsBlankPartsIsToo() {
    var victim = Victim.of(FlippedOctetTest::small, true, 64);
    assertThat(explore(victim, true)).isGreaterThan(17_000);
  }

  @Test
  void tenThousandFlipsInALargerSpoolAreFoundOrHarmless() {
    var victim = Victim.of(FlippedOctetTest::larger, false, 24);
    assertThat(victim.back).hasSizeGreaterThan(20);
    var random = new SplittableRandom(3);
    var files = new ArrayList<>(victim.spoolFiles());
    int found = 0;
    for (int i = 0; i < 10_000; i++) {
      var file = files.get(random.nextInt(files.size()));
      int at = random.nextInt(victim.disk.bytes(file).length);
      found += victim.flipped(file, at, random.nextInt(8)) ? 1 : 0;
    }
    assertThat(found).isGreaterThan(2_000);
  }
}
