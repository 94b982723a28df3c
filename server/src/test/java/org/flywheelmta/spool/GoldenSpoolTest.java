package org.flywheelmta.spool;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.TreeMap;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.flywheelmta.disk.DiskFailure;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/**
 * What earlier versions of the server left on the disk is read. A new version of the format has its
 * file made once, by {@code ./flywheel test -Dtest=GoldenSpoolTest -Dflywheel.golden=write}, and it
 * is kept for good.
 */
final class GoldenSpoolTest {
  private static final int OLDEST = 2;

  private static void check(int version) throws IOException, DiskFailure {
    assertThat(GoldenSpool.file(version))
        .as("make it: ./flywheel test -Dtest=GoldenSpoolTest -Dflywheel.golden=write")
        .exists();
    var disk = GoldenSpool.read(version);
    var listed = new ArrayList<String>();
    SpoolReader.read(disk, SpoolFixture.FOLDER)
        .forEachWaiting(each -> listed.add(each.id().toString()));
    assertThat(listed).containsExactlyInAnyOrderElementsOf(GoldenSpool.WAITING.keySet());
    for (int life = 0; life < 2; life++) {
      var spool = new SpoolFixture(disk, 5 + life).openAndSettle();
      var attempts = new TreeMap<String, Integer>();
      spool.recovered.forEach((key, message) -> attempts.put(key, message.attempts()));
      assertThat(attempts).isEqualTo(GoldenSpool.WAITING);
      for (var each : GoldenSpool.LENGTHS.entrySet()) {
        var id = SpoolFixture.id(each.getKey()).toString();
        if (GoldenSpool.WAITING.keySet().stream().anyMatch(key -> key.startsWith(id))) {
          var octets = SpoolFixture.octets(each.getKey(), each.getValue());
          assertThat(spool.load(each.getKey())).isEqualTo(octets);
        }
      }
      assertThat(spool.message(2, 1).fields().value(60_000)).containsExactly(1, 2, 8);
      spool.platform.advanceMillis(3_000);
      assertThat(spool.lines).isEmpty();
      spool.close();
    }
  }

  @TestFactory
  Stream<DynamicTest> spoolOfEachVersionIsRead() throws IOException {
    int current = SegmentHeader.VERSION;
    if ("write".equals(System.getProperty("flywheel.golden"))) {
      assertThat(Files.exists(GoldenSpool.file(current))).as("it is kept for good").isFalse();
      GoldenSpool.write(current);
    }
    return IntStream.rangeClosed(OLDEST, current)
        .mapToObj(each -> DynamicTest.dynamicTest("version " + each, () -> check(each)));
  }
}
