package org.flywheelmta.spool;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Map;
import java.util.TreeMap;
import org.flywheelmta.base.NonThreadSafe;
import org.flywheelmta.disk.DiskFailure;
import org.flywheelmta.disk.SimDisk;
import org.flywheelmta.spool.StoredOutcome.Kind;

/**
 * A small spool as some version of the server left it, kept as text: for each file its name and
 * length, then the octets that are not zeros, 32 to a line. The script that makes one and what a
 * start must find in it are the same for every version.
 */
@NonThreadSafe
final class GoldenSpool {
  private static final Path FOLDER = Path.of("src/test/resources/org/flywheelmta/spool");
  private static final int LINE_BYTES = 32;
  private static final HexFormat HEX = HexFormat.of();

  /** What a start must find: the attempts so far, by recipient. */
  static final Map<String, Integer> WAITING = waiting();

  /** How long the content of each transaction is. */
  static final Map<Integer, Integer> LENGTHS = lengths();

  private GoldenSpool() {}

  private static Map<String, Integer> waiting() {
    var waiting = new TreeMap<String, Integer>();
    waiting.put(SpoolFixture.key(1, 0), 0);
    waiting.put(SpoolFixture.key(2, 1), 3);
    waiting.put(SpoolFixture.key(3, 0), 0);
    waiting.put(SpoolFixture.key(6, 0), 0);
    waiting.put(SpoolFixture.key(7, 0), 2);
    waiting.put(SpoolFixture.key(8, 0), 0);
    return waiting;
  }

  private static Map<Integer, Integer> lengths() {
    var lengths = new TreeMap<Integer, Integer>();
    lengths.put(1, 300);
    lengths.put(2, 0);
    lengths.put(3, 17_000);
    lengths.put(4, 100);
    lengths.put(5, 100);
    lengths.put(6, 500);
    lengths.put(7, 64);
    lengths.put(8, 20);
    return lengths;
  }

  /** Two lives, the first stopped in peace, the second killed. */
  static SimDisk made() {
    var disk = new SimDisk(64L * SpoolFixture.SEGMENT_BYTES);
    var first = new SpoolFixture(disk, 1).openAndSettle();
    commit(first, 1, 1);
    commit(first, 2, 2);
    commit(first, 3, 1);
    commit(first, 4, 1);
    commit(first, 5, 1);
    first.delivered(2, 0);
    first.delivered(4, 0);
    first.spool().outcome(SpoolFixture.id(2), 1, SpoolFixture.outcome(Kind.WAITING, 1));
    first.platform.advanceMillis(300);
    first.close();
    var second = new SpoolFixture(disk, 2).openAndSettle();
    second.postSettling(6, SpoolFixture.octets(6, 500), SpoolFixture.failed(5, 0));
    second.platform.settle();
    commit(second, 7, 1);
    second.spool().outcome(SpoolFixture.id(2), 1, SpoolFixture.outcome(Kind.WAITING, 3));
    second.spool().outcome(SpoolFixture.id(7), 0, SpoolFixture.outcome(Kind.WAITING, 2));
    second.platform.advanceMillis(300);
    commit(second, 8, 1);
    second.die();
    disk.killProcess();
    return disk;
  }

  private static void commit(SpoolFixture spool, int number, int recipients) {
    spool.commit(number, recipients, LENGTHS.getOrDefault(number, 0));
  }

  static Path file(int version) {
    return FOLDER.resolve("golden-" + version + ".txt");
  }

  static void write(int version) throws IOException {
    var disk = made();
    var text = new StringBuilder();
    for (var file : disk.files()) {
      var bytes = disk.bytes(file);
      text.append(file.getFileName()).append(' ').append(bytes.length).append('\n');
      for (int at = 0; at < bytes.length; at += LINE_BYTES) {
        var line = Arrays.copyOfRange(bytes, at, Math.min(bytes.length, at + LINE_BYTES));
        if (!Arrays.equals(line, new byte[line.length])) {
          text.append("  ").append(at).append(' ').append(HEX.formatHex(line)).append('\n');
        }
      }
    }
    Files.createDirectories(FOLDER);
    Files.writeString(file(version), text);
  }

  /** A disk with nothing but the files of that version. */
  static SimDisk read(int version) throws IOException, DiskFailure {
    var disk = new SimDisk(64L * SpoolFixture.SEGMENT_BYTES);
    disk.createFolder(SpoolFixture.FOLDER);
    var file = SpoolFixture.FOLDER;
    var bytes = new byte[0];
    for (var line : Files.readAllLines(file(version))) {
      var words = line.strip().split(" ", -1);
      int number = Integer.parseInt(line.startsWith(" ") ? words[0] : words[1]);
      if (line.startsWith(" ")) {
        var part = HEX.parseHex(words[1]);
        System.arraycopy(part, 0, bytes, number, part.length);
      } else {
        file = SpoolFixture.FOLDER.resolve(words[0]);
        bytes = new byte[number];
      }
      disk.put(file, bytes);
    }
    return disk;
  }
}
