package org.flywheelmta.event;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.SplittableRandom;
import org.flywheelmta.base.OperatorLog;
import org.flywheelmta.base.TransactionId;
import org.flywheelmta.disk.DiskFailure;
import org.flywheelmta.disk.SimDisk;
import org.flywheelmta.disk.SimDisk.CrashMode;
import org.flywheelmta.disk.SimDisk.Operation;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What stands in the files is found, whatever became of the indexes, and nothing else is. */
final class EventSearchTest {
  private static final Path FOLDER = Path.of("/data/log");
  private static final int TRANSACTIONS = 12;
  private static final String ODD = "\"B\u00fcro\\\" \u2028\"@Ex\u00e4mple.org";

  private final SteppedPlatform platform = new SteppedPlatform();
  private final List<String> told = new ArrayList<>();
  private final OperatorLog operator = (level, text) -> told.add(level + " " + text);

  private RingEventLog open(SimDisk disk, long fileBytes, long retention, long total)
      throws DiskFailure {
    platform.workers.clear();
    return RingEventLog.open(
        new RingEventLog.Settings(FOLDER, "mta-1", 64, fileBytes, retention, total),
        disk,
        platform,
        operator);
  }

  private static TransactionId id(int number) {
    return TransactionId.of(1_795_421_820_000_000L + number, number, 31L * number);
  }

  private static String recipient(int number) {
    return number % 4 == 3 ? ODD : "r" + number % 4 + "@example.org";
  }

  private static MailEvent event(int number, MailEvent.Type type) {
    var like = Events.delivery("a@example.com", "x".repeat(200));
    return new MailEvent(
        type,
        like.wallMicros() + number,
        id(number),
        0,
        9,
        like.sender(),
        recipient(number),
        like.bytes(),
        like.where(),
        like.reply(),
        1,
        0);
  }

  private static void publish(RingEventLog log, MailEvent... events) {
    assertThat(log.reserve(events.length)).isTrue();
    for (var event : events) {
      log.publish(event);
    }
  }

  /** Two events of each transaction, in several batches and files. */
  private void scenario(SimDisk disk) throws DiskFailure {
    var log = open(disk, 4_000, 0, 0);
    for (int i = 0; i < TRANSACTIONS; i++) {
      publish(log, event(i, MailEvent.Type.RECEPTION));
      platform.step();
      publish(log, event(i / 2, MailEvent.Type.DELIVERY), Events.rejection());
      platform.step();
      platform.workers.get(1).step();
    }
    log.close();
  }

  /** What a reader of all lines finds, who knows of no index. */
  private static List<PastEvent> events(SimDisk disk) {
    var events = new ArrayList<PastEvent>();
    for (var file : disk.files()) {
      if (EventFileName.ofLines(file) != null) {
        var text = disk.bytes(file);
        int begin = 0;
        for (int i = 0; i < text.length; i++) {
          if (text[i] == '\n') {
            var event = PastEvent.parse(text, begin, i - begin);
            if (event != null) {
              events.add(event);
            }
            begin = i + 1;
          }
        }
      }
    }
    return events;
  }

  private static List<String> lines(List<PastEvent> events, String field, String value) {
    return events.stream()
        .filter(event -> event.text(field).equals(value))
        .map(PastEvent::line)
        .toList();
  }

  private static List<String> found(SimDisk disk, TransactionId id) throws DiskFailure {
    var found = new ArrayList<String>();
    new EventSearch(disk, FOLDER).ofTransaction(id, event -> found.add(event.line()));
    return found;
  }

  private static List<String> found(SimDisk disk, String recipient) throws DiskFailure {
    var found = new ArrayList<String>();
    new EventSearch(disk, FOLDER).ofRecipient(recipient, event -> found.add(event.line()));
    return found;
  }

  private static void everythingIsFound(SimDisk disk) throws DiskFailure {
    var events = events(disk);
    for (int i = 0; i <= TRANSACTIONS; i++) {
      assertThat(found(disk, id(i))).isEqualTo(lines(events, "transaction", id(i).toString()));
    }
    for (int i = 0; i < 4; i++) {
      assertThat(found(disk, recipient(i))).isEqualTo(lines(events, "recipient", recipient(i)));
    }
  }

  private static List<Path> indexes(SimDisk disk) {
    return disk.files().stream().filter(file -> EventFileName.ofIndex(file) != null).toList();
  }

  @Test
  void eventsAreFoundByTransactionAndByRecipientOverFilesInOrder() throws DiskFailure {
    var disk = new SimDisk();
    scenario(disk);
    assertThat(indexes(disk)).hasSizeGreaterThan(2);
    assertThat(found(disk, id(3))).hasSize(3);
    assertThat(found(disk, ODD)).hasSizeGreaterThan(3);
    assertThat(found(disk, "R1@EXAMPLE.org")).isEqualTo(found(disk, "r1@example.org")).isNotEmpty();
    assertThat(found(disk, "nobody@example.org")).isEmpty();
    everythingIsFound(disk);
    assertThat(told).isEmpty();
  }

  @Test
  void indexIsAskedAndLinesThatDoNotMatterAreNotRead() throws DiskFailure {
    var disk = new SimDisk();
    scenario(disk);
    var search = new EventSearch(disk, FOLDER);
    search.ofTransaction(id(3), event -> {});
    assertThat(search.linesRead()).isEqualTo(3);
  }

  @Test
  void searchWritesNothing() throws DiskFailure {
    var disk = new SimDisk();
    scenario(disk);
    disk.delete(indexes(disk).getFirst());
    disk.faults(
        (operation, number, file) ->
            switch (operation) {
              case OPEN, READ, LIST -> null;
              default -> DiskFailure.Kind.DENIED;
            });
    everythingIsFound(disk);
  }

  @Test
  void sortedIndexFollowsFromTheLinesAlone() throws DiskFailure {
    var disk = new SimDisk();
    scenario(disk);
    var kept = disk.copy();
    var first = indexes(disk).getFirst();
    disk.delete(first);
    new IndexSort(disk, FOLDER).sort(Objects.requireNonNull(EventFileName.ofIndex(first)));
    assertThat(disk.bytes(first)).isEqualTo(kept.bytes(first));
    assertThat(ByteCheck.beginsSorted(disk.bytes(first))).isTrue();
  }

  @Test
  void missingIndexesAreMadeAtAStart() throws DiskFailure {
    var disk = new SimDisk();
    scenario(disk);
    int files = indexes(disk).size();
    for (var index : indexes(disk)) {
      disk.delete(index);
    }
    everythingIsFound(disk);
    open(disk, 4_000, 0, 0);
    while (platform.workers.get(1).step() == 0) {
      everythingIsFound(disk);
    }
    assertThat(indexes(disk))
        .hasSize(files)
        .allSatisfy(index -> assertThat(ByteCheck.beginsSorted(disk.bytes(index))).isTrue());
    everythingIsFound(disk);
  }

  @Test
  void flippedOctetOfAnIndexHidesAndInventsNothing() throws DiskFailure {
    var disk = new SimDisk();
    scenario(disk);
    var ofTransaction = found(disk, id(3));
    var ofRecipient = found(disk, ODD);
    for (var index : indexes(disk)) {
      int length = disk.bytes(index).length;
      for (int at = 0; at < length; at++) {
        int mask = 1 << (at % 8);
        disk.flip(index, at, mask);
        assertThat(found(disk, id(3))).isEqualTo(ofTransaction);
        assertThat(found(disk, ODD)).isEqualTo(ofRecipient);
        disk.flip(index, at, mask);
      }
    }
  }

  @ParameterizedTest
  @EnumSource(CrashMode.class)
  void whatAPowerCutAtAnyOperationLeavesIsFound(CrashMode mode) throws DiskFailure {
    boolean cut = true;
    for (int at = 1; cut; at++) {
      var disk = new SimDisk();
      disk.cutPowerAt(at);
      try {
        scenario(disk);
      } catch (SimDisk.PowerCut off) {
        // As intended.
      }
      cut = disk.isOff();
      disk.crash(mode, new SplittableRandom(at));
      if (disk.exists(FOLDER)) {
        everythingIsFound(disk);
        open(disk, 4_000, 0, 0);
        while (platform.workers.get(1).step() == 0) {}
        everythingIsFound(disk);
        assertThat(disk.files()).noneMatch(file -> file.toString().endsWith(".new"));
      }
    }
  }

  @Test
  void diskThatFailsAtAnyOperationCostsAnIndexAndNoEvent() throws DiskFailure {
    var counted = new SimDisk();
    scenario(counted);
    for (long at = 2; at <= counted.operations(); at++) {
      long failing = at;
      var disk = new SimDisk();
      disk.faults((operation, number, file) -> number == failing ? DiskFailure.Kind.IO : null);
      scenario(disk);
      disk.noFaults();
      everythingIsFound(disk);
    }
  }

  @Test
  void batchThatIsWrittenTwiceIsFoundOnce() throws DiskFailure {
    var disk = new SimDisk();
    var log = open(disk, 1 << 20, 0, 0);
    publish(log, event(1, MailEvent.Type.RECEPTION));
    platform.step();
    var first = disk.files().getLast();
    publish(log, event(1, MailEvent.Type.TEMPFAIL));
    disk.faults(
        (operation, number, file) ->
            operation == Operation.WRITE && file.equals(first) ? DiskFailure.Kind.IO : null);
    platform.step();
    disk.noFaults();
    platform.advanceSeconds(2);
    platform.step();
    // As if all of it had reached the first file.
    var second = disk.files().getLast();
    var both =
        new String(disk.bytes(first), StandardCharsets.UTF_8)
            + new String(disk.bytes(second), StandardCharsets.UTF_8);
    disk.put(first, both.getBytes(StandardCharsets.UTF_8));
    assertThat(found(disk, id(1))).hasSize(2).doesNotHaveDuplicates();
  }

  @Test
  void filesGoWithTheirIndexesWhenTheirTimeIsOver() throws DiskFailure {
    var disk = new SimDisk();
    disk.createFolder(FOLDER);
    disk.put(FOLDER.resolve("events-mine.jsonl"), new byte[0]);
    disk.put(FOLDER.resolve("operator.log"), new byte[0]);
    disk.put(FOLDER.resolve("events-20250101T000000-3.index"), new byte[1]);
    var log = open(disk, 1, 3_000, 0);
    var keeper = platform.workers.get(1);
    for (int i = 0; i < 4; i++) {
      publish(log, event(i, MailEvent.Type.DELIVERY));
      platform.step();
      while (keeper.step() == 0) {}
      platform.advanceSeconds(1_700);
    }
    // The first was finished when the second was begun, 5,100 seconds ago.
    assertThat(names(disk))
        .containsExactly(
            "events-20261123T084520-0.index",
            "events-20261123T084520-0.jsonl",
            "events-20261123T091340-0.index",
            "events-20261123T091340-0.jsonl",
            "events-20261123T094200-0.index",
            "events-20261123T094200-0.jsonl",
            "events-mine.jsonl",
            "operator.log");
    int before = keeper.wakeUps;
    platform.advanceSeconds(3_600);
    platform.step();
    assertThat(keeper.wakeUps).isEqualTo(before + 1);
    keeper.step();
    assertThat(names(disk)).hasSize(4);
    everythingIsFound(disk);
  }

  @Test
  void oldestGoBeyondTheSizeOfAll() throws DiskFailure {
    var disk = new SimDisk();
    var log = open(disk, 1, 0, 4_000);
    for (int i = 0; i < TRANSACTIONS; i++) {
      publish(log, event(i, MailEvent.Type.DELIVERY));
      platform.step();
      while (platform.workers.get(1).step() == 0) {}
    }
    long bytes = 0;
    for (var file : disk.files()) {
      bytes += disk.bytes(file).length;
    }
    assertThat(bytes).isBetween(2_500L, 4_100L);
    assertThat(found(disk, id(TRANSACTIONS - 1))).hasSize(1);
    assertThat(found(disk, id(0))).isEmpty();
  }

  private static List<String> names(SimDisk disk) {
    return disk.files().stream().map(file -> String.valueOf(file.getFileName())).toList();
  }

  /** Looks at the octets of an index. */
  private static final class ByteCheck {
    static boolean beginsSorted(byte[] octets) {
      return java.nio.ByteBuffer.wrap(octets).getLong() == EventIndex.SORTED;
    }
  }
}
