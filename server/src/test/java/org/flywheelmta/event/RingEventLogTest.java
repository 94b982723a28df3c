package org.flywheelmta.event;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.flywheelmta.base.Admission.Level;
import org.flywheelmta.base.BugException;
import org.flywheelmta.base.OperatorLog;
import org.flywheelmta.disk.DiskFailure;
import org.flywheelmta.disk.SimDisk;
import org.flywheelmta.disk.SimDisk.CrashMode;
import org.flywheelmta.disk.SimDisk.Operation;
import org.flywheelmta.scheduler.Duty;
import org.junit.jupiter.api.Test;

final class RingEventLogTest {
  private static final Path FOLDER = Path.of("/data/log");
  private static final int SLOTS = 16;

  private final SimDisk disk = new SimDisk();
  private final SteppedPlatform platform = new SteppedPlatform();
  private final List<String> told = new ArrayList<>();
  private Runnable onTold = () -> {};
  private final OperatorLog operator =
      (level, text) -> {
        told.add(level + " " + text);
        onTold.run();
      };

  @Test
  void publishedEventsAreWrittenInOrderWithOneWrite() throws DiskFailure {
    var log = open(settings());
    publish(log, "a", "b", "c");
    assertThat(platform.step()).isEqualTo(RingEventLog.POLL_NANOS);
    assertThat(senders()).containsExactly("a", "b", "c");
    // One for the lines, and one for what leads to them.
    assertThat(disk.count(Operation.WRITE)).isEqualTo(2);
    assertThat(disk.count(Operation.FORCE)).isZero();
    assertThat(disk.files())
        .containsExactly(
            FOLDER.resolve("events-20261123T081700-0.index"),
            FOLDER.resolve("events-20261123T081700-0.jsonl"));
    assertThat(log.counters().getFirst().value()).isEqualTo(3);
    assertThat(log.reserve(SLOTS)).isTrue();
  }

  @Test
  void writerIsWokenOnlyFromRest() throws DiskFailure {
    var log = open(settings());
    var worker = platform.workers.getFirst();
    assertThat(platform.step()).isEqualTo(Duty.UNTIL_WOKEN);
    publish(log, "a", "b");
    assertThat(worker.wakeUps).isEqualTo(1);
    assertThat(platform.step()).isEqualTo(RingEventLog.POLL_NANOS);
    publish(log, "c");
    assertThat(worker.wakeUps).isEqualTo(1);
    assertThat(platform.step()).isEqualTo(RingEventLog.POLL_NANOS);
    assertThat(platform.step()).isEqualTo(Duty.UNTIL_WOKEN);
    publish(log, "d");
    assertThat(worker.wakeUps).isEqualTo(2);
  }

  @Test
  void eventPublishedAsTheWriterGoesToRestIsNotForgotten() throws DiskFailure {
    var log = open(settings());
    assertThat(log.reserve(SLOTS)).isTrue();
    log.offer(Events.rejection());
    log.release(SLOTS);
    // The writer has found the ring empty when it tells that there is room again.
    onTold = () -> publish(log, "a");
    assertThat(platform.step()).isZero();
    onTold = () -> {};
    assertThat(platform.workers.getFirst().wakeUps).isZero();
    platform.step();
    assertThat(senders()).containsExactly("a");
  }

  @Test
  void slotsAreTakenFromReservationUntilWritten() throws DiskFailure {
    var log = open(settings());
    assertThat(log.reserve(SLOTS)).isTrue();
    assertThat(log.reserve(1)).isFalse();
    log.release(SLOTS - 1);
    log.publish(Events.delivery("a", ""));
    assertThat(log.reserve(SLOTS)).isFalse();
    platform.step();
    assertThat(log.reserve(SLOTS)).isTrue();
  }

  @Test
  void eventWithoutReservedSlotIsCaughtAtTheLatestWhenTheRingIsFull() throws DiskFailure {
    var log = open(settings());
    for (int i = 0; i < SLOTS; i++) {
      log.publish(Events.delivery("a", ""));
    }
    assertThatThrownBy(() -> log.publish(Events.delivery("a", "")))
        .isInstanceOf(BugException.class);
  }

  @Test
  void admissionClosesAsTheRingFills() throws DiskFailure {
    var log = open(settings());
    assertThat(log.level()).isEqualTo(Level.OPEN);
    assertThat(log.reserve(SLOTS / 2)).isTrue();
    assertThat(log.level()).isEqualTo(Level.OPEN);
    assertThat(log.reserve(1)).isTrue();
    assertThat(log.level()).isEqualTo(Level.REFUSING);
    assertThat(log.reserve(SLOTS / 4)).isTrue();
    assertThat(log.level()).isEqualTo(Level.PAUSED);
    log.release(SLOTS / 2);
    assertThat(log.level()).isEqualTo(Level.OPEN);
  }

  @Test
  void offeredEventsAreLeftOutWhenHalfTheRingIsTakenAndTheOperatorHearsOnce() throws DiskFailure {
    var log = open(settings());
    for (int i = 0; i < SLOTS / 2 + 3; i++) {
      log.offer(Events.rejection());
    }
    assertThat(log.counters().getLast().value()).isEqualTo(3);
    assertThat(told)
        .containsExactly("WARNING the event log has no room; events of refused mail are left out");
    platform.step();
    assertThat(lines()).hasSize(SLOTS / 2);
    assertThat(told)
        .last()
        .isEqualTo("INFO the event log has room again; 3 events were left out since start");
  }

  @Test
  void failingDiskKeepsEventsAndLosesNone() throws DiskFailure {
    var log = open(settings());
    publish(log, "a");
    platform.step();
    disk.faults((operation, number, file) -> DiskFailure.Kind.IO);
    publish(log, "b", "c");
    assertThat(platform.step()).isEqualTo(EventWriter.RETRY_NANOS);
    publish(log, "d", "e", "f", "g", "h", "i", "j");
    assertThat(log.level()).isEqualTo(Level.REFUSING);
    platform.nanos += EventWriter.RETRY_NANOS / 2;
    assertThat(platform.step()).isEqualTo(EventWriter.RETRY_NANOS / 2);
    platform.advanceSeconds(1);
    platform.step();
    assertThat(told).singleElement().asString().startsWith("ERROR events cannot be written");

    disk.noFaults();
    platform.advanceSeconds(1);
    assertThat(platform.step()).isEqualTo(RingEventLog.POLL_NANOS);
    assertThat(senders()).containsExactly("a", "b", "c", "d", "e", "f", "g", "h", "i", "j");
    assertThat(eventFiles()).hasSize(2);
    assertThat(told).hasSize(2).last().asString().startsWith("INFO events are written again");
    assertThat(log.level()).isEqualTo(Level.OPEN);
  }

  @Test
  void fullVolumeCollectsNoEmptyFiles() throws DiskFailure {
    var log = open(settings());
    disk.faults(
        (operation, number, file) -> operation == Operation.WRITE ? DiskFailure.Kind.FULL : null);
    publish(log, "a");
    for (int i = 0; i < 5; i++) {
      platform.step();
      platform.advanceSeconds(1);
    }
    assertThat(disk.files()).isEmpty();
    assertThat(told).hasSize(1);
  }

  @Test
  void fullFileIsForcedAndFollowedByTheNext() throws DiskFailure {
    var log = open(new RingEventLog.Settings(FOLDER, "mta-1", SLOTS, 1, 0, 0));
    publish(log, "a");
    platform.step();
    publish(log, "b");
    platform.step();
    platform.advanceSeconds(1);
    publish(log, "c");
    platform.step();
    assertThat(disk.count(Operation.FORCE)).isEqualTo(3);
    assertThat(eventFiles())
        .containsExactly(
            FOLDER.resolve("events-20261123T081700-0.jsonl"),
            FOLDER.resolve("events-20261123T081700-1.jsonl"),
            FOLDER.resolve("events-20261123T081701-0.jsonl"));
    disk.crash(CrashMode.DROPPED, new SplittableRandom(1));
    assertThat(senders()).containsExactly("a", "b", "c");
  }

  @Test
  void fileOfADayIsFollowedByTheNext() throws DiskFailure {
    var log = open(settings());
    publish(log, "a");
    platform.step();
    platform.advanceSeconds(86_400);
    publish(log, "b");
    platform.step();
    publish(log, "c");
    platform.step();
    assertThat(eventFiles())
        .containsExactly(
            FOLDER.resolve("events-20261123T081700-0.jsonl"),
            FOLDER.resolve("events-20261124T081700-0.jsonl"));
    assertThat(senders()).containsExactly("a", "b", "c");
  }

  @Test
  void closeWritesTheRestAndForces() throws DiskFailure {
    var log = open(settings());
    publish(log, "a", "b");
    log.close();
    assertThat(platform.workers.getFirst().closed).isTrue();
    disk.crash(CrashMode.DROPPED, new SplittableRandom(1));
    assertThat(senders()).containsExactly("a", "b");
  }

  @Test
  void closeTriesOnceMoreOnFailingDiskAndSaysWhatIsLost() throws DiskFailure {
    var log = open(settings());
    disk.faults((operation, number, file) -> DiskFailure.Kind.IO);
    publish(log, "a", "b", "c");
    platform.step();
    log.close();
    assertThat(told).last().isEqualTo("ERROR 3 events are lost, since the disk did not take them");
  }

  @Test
  void batchIsBounded() throws DiskFailure {
    var log = open(new RingEventLog.Settings(FOLDER, "mta-1", 1 << 10, 1L << 30, 0, 0));
    assertThat(log.reserve(600)).isTrue();
    for (int i = 0; i < 600; i++) {
      log.publish(Events.delivery("a", "x".repeat(1_000)));
    }
    int writes = 1;
    while (platform.step() == 0) {
      assertThat(bytesWritten() / writes)
          .isBetween(EventWriter.BATCH_BYTES, EventWriter.BATCH_BYTES + 1_500);
      writes++;
    }
    assertThat(writes).isGreaterThan(2);
    assertThat(lines()).hasSize(600);
    assertThat(disk.count(Operation.WRITE)).isEqualTo(2L * writes);
  }

  private int bytesWritten() {
    return disk.bytes(eventFiles().getFirst()).length;
  }

  private List<Path> eventFiles() {
    return disk.files().stream().filter(file -> EventFileName.ofLines(file) != null).toList();
  }

  private RingEventLog open(RingEventLog.Settings settings) throws DiskFailure {
    return RingEventLog.open(settings, disk, platform, operator);
  }

  private static RingEventLog.Settings settings() {
    return new RingEventLog.Settings(FOLDER, "mta-1", SLOTS, 1 << 20, 0, 0);
  }

  private static void publish(RingEventLog log, String... senders) {
    assertThat(log.reserve(senders.length)).isTrue();
    for (var sender : senders) {
      log.publish(Events.delivery(sender, ""));
    }
  }

  private List<String> lines() {
    var lines = new ArrayList<String>();
    for (var file : eventFiles()) {
      new String(disk.bytes(file), StandardCharsets.UTF_8).lines().forEach(lines::add);
    }
    return lines;
  }

  private List<String> senders() {
    var senders = new ArrayList<String>();
    for (var line : lines()) {
      int begin = line.indexOf("\"sender\":\"") + "\"sender\":\"".length();
      senders.add(line.substring(begin, line.indexOf('"', begin)));
    }
    return senders;
  }
}
