package org.flywheelmta.event;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.concurrent.atomic.AtomicLong;
import org.flywheelmta.base.Clock;
import org.flywheelmta.base.Limit;
import org.flywheelmta.base.OperatorLog;
import org.flywheelmta.base.TransactionId;
import org.flywheelmta.disk.FileDisk;
import org.flywheelmta.event.MailEvent.Reply;
import org.flywheelmta.event.MailEvent.Where;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * What it costs that finished messages can be found: processor time of the event writer with and
 * without an index in one run, of sorting, and how long a search takes among some GB of events.
 */
@Tag("slow")
final class FindingCostTest {
  /** Processor time of a mail in all, reception and delivery together, on the same machine. */
  private static final double MAIL_MICROS = 120;

  private static final int EVENTS_OF_A_MAIL = 2;
  private static final int ROUNDS = 6;
  private static final int EVENTS_A_ROUND = 400_000;
  private static final int EVENTS_A_BATCH = 500;
  private static final long FILE_BYTES = 256L << 20;
  private static final int FILES = 10;

  @TempDir private Path folder;
  private final FileDisk disk = new FileDisk();
  private final OperatorLog operator =
      (level, text) -> {
        throw new AssertionError(text);
      };
  private final ArrayDeque<MailEvent> ring = new ArrayDeque<>();
  private final Limit slots = new Limit("event_ring_slots", Integer.MAX_VALUE);
  private final AtomicLong made = new AtomicLong();

  private EventWriter writer(Path into, @Nullable IndexWriter index) throws Exception {
    disk.createFolder(into);
    return new EventWriter(
        new EventFiles(disk, Clock.system(), into),
        new EventLines("mta-1", 1_795_421_820_123_456L),
        ring,
        slots,
        operator,
        FILE_BYTES,
        index);
  }

  private static TransactionId id(long number) {
    return TransactionId.of(
        1_795_421_820_000_000L + number, number, number * 0x9e37_79b9_7f4a_7c15L);
  }

  private static String recipient(long number) {
    return "recipient" + number % 1_000_000 + "@domain" + number % 10_000 + ".example";
  }

  private MailEvent event() {
    long number = made.getAndIncrement();
    return new MailEvent(
        MailEvent.Type.DELIVERY,
        1_795_421_820_000_000L + number,
        id(number),
        0,
        9,
        "sender@example.com",
        recipient(number),
        2_048,
        new Where("", "domain" + number % 10_000 + ".example", "192.0.2.1:25", "default"),
        new Reply("end", 250, "2.0.0", "OK queued as 4ZxYc1234567"),
        1,
        1_500_999);
  }

  /** Processor nanoseconds of the writer for so many events. */
  private long write(EventWriter writer, int events) {
    long spent = 0;
    for (int written = 0; written < events; written += EVENTS_A_BATCH) {
      for (int i = 0; i < EVENTS_A_BATCH; i++) {
        ring.add(event());
      }
      slots.take(EVENTS_A_BATCH);
      long before = cpuNanos();
      while (writer.pass(0) == EventWriter.Pass.FULL_BATCH) {}
      spent += cpuNanos() - before;
    }
    return spent;
  }

  private static long cpuNanos() {
    return ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime();
  }

  @Test
  void indexCostsLessThanTwoPercentOfAMail() throws Exception {
    var with = writer(folder.resolve("with"), new IndexWriter(disk, operator));
    var without = writer(folder.resolve("without"), null);
    long[] spent = new long[2];
    for (int round = 0; round <= ROUNDS; round++) {
      long first = write(without, EVENTS_A_ROUND);
      long second = write(with, EVENTS_A_ROUND);
      if (round > 0) {
        spent[0] += first;
        spent[1] += second;
      }
    }
    with.finish();
    without.finish();
    double events = (double) ROUNDS * EVENTS_A_ROUND;
    long before = cpuNanos();
    var sorting = new IndexSort(disk, folder.resolve("with"));
    for (var file : disk.list(folder.resolve("with"))) {
      var name = EventFileName.ofLines(file);
      if (name != null) {
        sorting.sort(name);
      }
    }
    double sorted = (cpuNanos() - before) / 1e3 / made.get() * 2;
    double plain = spent[0] / 1e3 / events;
    double more = spent[1] / 1e3 / events - plain;
    double share = EVENTS_OF_A_MAIL * (more + sorted) / MAIL_MICROS;
    System.out.printf(
        "event writer: %.2f us of processor time for each event without an index, %.2f us more with"
            + " one, %.2f us for sorting it: %.2f %% of a mail%n",
        plain, more, sorted, 100 * share);
    assertThat(share).isLessThan(0.02);
  }

  @Test
  void searchAmongGigabytesOfEventsIsQuick() throws Exception {
    var writer = writer(folder, new IndexWriter(disk, operator));
    var sorting = new IndexSort(disk, folder);
    while (disk.list(folder).size() < 2 * FILES) {
      write(writer, 10 * EVENTS_A_BATCH);
    }
    writer.finish();
    long bytes = 0;
    long index = 0;
    for (var file : disk.list(folder)) {
      var name = EventFileName.ofLines(file);
      if (name != null) {
        sorting.sort(name);
        bytes += size(file);
        index += size(name.index(folder));
      }
    }
    long events = made.get();
    System.out.printf(
        "%,d events, %,d MB of lines and %,d MB of index%n", events, bytes >> 20, index >> 20);
    double slowest = 0;
    for (int i = 0; i < 10; i++) {
      var search = new EventSearch(disk, folder);
      long number = events / 10 * i + 17;
      long began = System.nanoTime();
      long[] found = new long[2];
      search.ofTransaction(id(number), event -> found[0]++);
      double byId = (System.nanoTime() - began) / 1e6;
      began = System.nanoTime();
      search.ofRecipient(recipient(number), event -> found[1]++);
      double byRecipient = (System.nanoTime() - began) / 1e6;
      System.out.printf(
          "found %d by id in %.1f ms, %d by recipient in %.1f ms, %d lines read%n",
          found[0], byId, found[1], byRecipient, search.linesRead());
      assertThat(found[0]).isEqualTo(1);
      assertThat(found[1]).isPositive();
      slowest = Math.max(slowest, Math.max(byId, byRecipient));
    }
    assertThat(slowest).isLessThan(1_000);
    // Indexes and lines take turns in the order of names, an index first.
    disk.delete(disk.list(folder).getFirst());
    long began = System.nanoTime();
    new EventSearch(disk, folder).ofTransaction(id(3), event -> {});
    System.out.printf(
        "and %.0f ms with one file without its index%n", (System.nanoTime() - began) / 1e6);
  }

  private long size(Path path) throws Exception {
    try (var file = disk.openRead(path)) {
      return file.size();
    }
  }
}
