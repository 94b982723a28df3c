package org.flywheelmta.event;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.flywheelmta.base.OperatorLog;
import org.flywheelmta.disk.DiskFailure;
import org.flywheelmta.disk.SimDisk;
import org.flywheelmta.scheduler.Duty;
import org.junit.jupiter.api.Test;

/** The audit as files, with a disk that fails and a clock that goes on. */
final class FileAuditLogTest {
  private static final Path FOLDER = Path.of("/data/log");

  private final SimDisk disk = new SimDisk();
  private final SteppedPlatform platform = new SteppedPlatform();
  private final List<String> told = new ArrayList<>();
  private final OperatorLog operator = (level, text) -> told.add(level + " " + text);

  private FileAuditLog open(long fileBytes, long retentionSeconds, long totalBytes)
      throws DiskFailure {
    return FileAuditLog.open(
        new FileAuditLog.Settings(FOLDER, "mta", fileBytes, retentionSeconds, totalBytes),
        disk,
        platform,
        operator);
  }

  private FileAuditLog open() throws DiskFailure {
    return open(16 << 20, 0, 0);
  }

  private AuditEvent event(String account) {
    return new AuditEvent(
        AuditEvent.Type.FAILED,
        platform.clock().wallMicros(),
        account,
        List.of("a", "b"),
        "PLAIN",
        new AuditEvent.Where("smtp", "192.0.2.1:25", "192.0.2.2:99", true),
        "credentials",
        0);
  }

  private List<Path> files() {
    return disk.files().stream().filter(file -> EventFileName.ofAudit(file) != null).toList();
  }

  private List<String> lines() {
    var lines = new ArrayList<String>();
    for (var file : files()) {
      new String(disk.bytes(file), StandardCharsets.UTF_8).lines().forEach(lines::add);
    }
    return lines;
  }

  @Test
  void eventIsOneLineOfJson() throws DiskFailure {
    try (var log = open()) {
      log.write(event("alice"));
      assertThat(platform.step()).isEqualTo(Duty.UNTIL_WOKEN);
      assertThat(lines())
          .containsExactly(
              "{\"v\":1,\"node\":\"mta\",\"time\":1795421820123456,"
                  + "\"type\":\"authentication_failed\",\"account\":\"alice\","
                  + "\"roles\":[\"a\",\"b\"],\"mechanism\":\"PLAIN\",\"service\":\"smtp\","
                  + "\"listener\":\"192.0.2.1:25\",\"peer\":\"192.0.2.2:99\",\"secure\":true,"
                  + "\"reason\":\"credentials\"}");
      assertThat(files()).first().asString().endsWith("/audit-20261123T081700-0.jsonl");
    }
  }

  @Test
  void nothingInANameEndsALineOrSteersATerminal() throws DiskFailure {
    try (var log = open()) {
      log.write(event("a\r\n\"\u001b[31m\u009b\u2028\ud83d"));
      platform.step();
      assertThat(lines())
          .singleElement()
          .asString()
          .contains("\"account\":\"a\\r\\n\\\"\\u001b[31m\\u009b\\u2028\ufffd\"");
    }
  }

  @Test
  void diskThatFailsIsToldAndLinesWait() throws DiskFailure {
    try (var log = open()) {
      disk.faults(
          (operation, number, file) ->
              operation == SimDisk.Operation.WRITE ? DiskFailure.Kind.FULL : null);
      log.write(event("alice"));
      assertThat(platform.step()).isEqualTo(AuditWriter.RETRY_NANOS);
      log.write(event("bob"));
      assertThat(platform.step()).isEqualTo(AuditWriter.RETRY_NANOS);
      platform.advanceSeconds(1);
      platform.step();
      assertThat(told)
          .singleElement()
          .asString()
          .startsWith("ERROR the audit cannot be written and waits in memory");
      disk.noFaults();
      platform.advanceSeconds(1);
      platform.step();
      assertThat(lines()).hasSize(2);
      assertThat(files()).hasSize(1);
      assertThat(told).last().asString().startsWith("INFO the audit is written again");
    }
  }

  @Test
  void whatFindsNoRoomIsCountedInALine() throws DiskFailure {
    try (var log = open()) {
      for (int i = 0; i < FileAuditLog.WAITING_EVENTS + 7; i++) {
        log.write(event("alice"));
      }
      assertThat(told)
          .containsExactly("ERROR the audit has no room; lines of it are left out and counted");
      assertThat(log.leftOut().value()).isEqualTo(7);
      while (platform.step() == 0) {
        // A batch each.
      }
      assertThat(lines()).hasSize(FileAuditLog.WAITING_EVENTS + 1);
      assertThat(lines())
          .filteredOn(line -> line.contains("\"type\":\"gap\""))
          .singleElement()
          .asString()
          .contains("\"count\":7");
    }
  }

  @Test
  void diskThatFailsForLongCostsNoMemoryAndOneLine() throws DiskFailure {
    try (var log = open()) {
      disk.faults(
          (operation, number, file) ->
              operation == SimDisk.Operation.CREATE ? DiskFailure.Kind.FULL : null);
      int written = 0;
      for (int second = 0; second < 100; second++) {
        for (int i = 0; i < 1_000; i++) {
          log.write(event("alice"));
          written++;
        }
        platform.step();
        platform.advanceSeconds(1);
      }
      disk.noFaults();
      while (platform.step() == 0) {
        // A batch each.
      }
      assertThat(lines()).filteredOn(line -> line.contains("\"type\":\"gap\"")).hasSize(1);
      assertThat(lines()).hasSize(written - (int) log.leftOut().value() + 1);
    }
  }

  @Test
  void closingWritesWhatWaitsAndForcesIt() throws DiskFailure {
    var log = open();
    log.write(event("alice"));
    log.close();
    disk.crash(SimDisk.CrashMode.DROPPED, new SplittableRandom(1));
    assertThat(lines()).hasSize(1);
    assertThat(told).isEmpty();
  }

  @Test
  void lossAtTheEndIsTold() throws DiskFailure {
    var log = open();
    disk.faults(
        (operation, number, file) ->
            operation == SimDisk.Operation.WRITE ? DiskFailure.Kind.IO : null);
    log.write(event("alice"));
    log.close();
    assertThat(told)
        .last()
        .asString()
        .isEqualTo("ERROR 1 lines of the audit are lost, since the disk did not take them");
  }

  @Test
  void fullFileIsFollowedByTheNextAndTheOldestGoes() throws DiskFailure {
    try (var log = open(1, 0, 1_000)) {
      for (int i = 0; i < 20; i++) {
        log.write(event("alice" + i));
        platform.step();
        platform.advanceSeconds(1);
      }
      assertThat(files()).hasSizeBetween(3, 5);
      assertThat(lines()).last().asString().contains("alice19");
    }
  }

  @Test
  void oldFileGoes() throws DiskFailure {
    try (var log = open(1, 100, 0)) {
      for (int i = 0; i < 20; i++) {
        log.write(event("alice" + i));
        platform.step();
        platform.advanceSeconds(30);
      }
      assertThat(files()).hasSizeBetween(4, 6);
    }
  }

  @Test
  void commandWritesAFileOfItsOwn() throws DiskFailure {
    FileAuditLog.append(FOLDER, "mta", disk, platform.clock(), List.of(event("alice")));
    FileAuditLog.append(FOLDER, "mta", disk, platform.clock(), List.of(event("bob")));
    assertThat(files()).hasSize(2);
    disk.crash(SimDisk.CrashMode.DROPPED, new SplittableRandom(1));
    assertThat(lines()).hasSize(2);
  }
}
