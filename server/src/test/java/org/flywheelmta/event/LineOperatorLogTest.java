package org.flywheelmta.event;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import org.flywheelmta.base.OperatorLog.Level;
import org.flywheelmta.disk.DiskFailure;
import org.flywheelmta.disk.SimDisk;
import org.flywheelmta.scheduler.Duty;
import org.junit.jupiter.api.Test;

final class LineOperatorLogTest {
  private static final Path FOLDER = Path.of("/data/log");
  private static final Path FILE = FOLDER.resolve("operator.log");
  private static final String START = "2026-11-23T08:17:00.123Z ";

  private final SimDisk disk = new SimDisk();
  private final SteppedPlatform platform = new SteppedPlatform();
  private final Kept kept = new Kept();
  private final LineOperatorLog log = LineOperatorLog.start(platform, List.of(kept));

  @Test
  void linesHaveTimeLevelAndText() {
    log.info("the server starts");
    log.warning("a limit is reached");
    assertThat(kept.lines()).isEmpty();
    assertThat(platform.step()).isEqualTo(Duty.UNTIL_WOKEN);
    assertThat(kept.lines())
        .containsExactly(START + "INFO the server starts", START + "WARNING a limit is reached");
    assertThat(kept.writes).isEqualTo(1);
  }

  @Test
  void nothingInTextsEndsLinesOrSteersTerminals() {
    log.error("a\r\nb\tc\\n \u001b[31m \u009b1m \u2028 \u202e \ud83d \ud83d\ude00 \u00e9");
    platform.step();
    assertThat(kept.lines())
        .containsExactly(
            START
                + "ERROR a\\r\\nb\\tc\\\\n \\u001b[31m \\u009b1m \\u2028 \\u202e \\ud83d"
                + " \ud83d\ude00 \u00e9");
  }

  @Test
  void repetitionsWithinTenSecondsBecomeOneCount() {
    log.warning("the disk is slow");
    log.warning("the disk is slow");
    log.error("the disk is slow");
    assertThat(platform.step()).isEqualTo(Repetitions.WINDOW_NANOS);
    log.warning("the disk is slow");
    platform.step();
    assertThat(kept.lines())
        .containsExactly(START + "WARNING the disk is slow", START + "ERROR the disk is slow");

    platform.advanceSeconds(10);
    assertThat(platform.step()).isEqualTo(Duty.UNTIL_WOKEN);
    assertThat(kept.lines())
        .last()
        .isEqualTo("2026-11-23T08:17:10.123Z WARNING the disk is slow (2 more in 10 s)");
    platform.advanceSeconds(10);
    log.warning("the disk is slow");
    platform.step();
    assertThat(kept.lines()).last().isEqualTo("2026-11-23T08:17:20.123Z WARNING the disk is slow");
  }

  @Test
  void rememberedTextsAreBounded() {
    for (int i = 0; i <= Repetitions.TEXTS; i++) {
      log.info("text " + i);
    }
    log.info("text 0");
    log.info("text 128");
    platform.step();
    assertThat(kept.lines()).hasSize(Repetitions.TEXTS + 2).last().asString().endsWith("text 0");
  }

  @Test
  void fullQueueCountsWhatItLeavesOut() {
    for (int i = 0; i < LineOperatorLog.WAITING_LINES + 7; i++) {
      log.info("text " + i);
    }
    platform.step();
    assertThat(kept.lines())
        .hasSize(LineOperatorLog.WAITING_LINES + 1)
        .last()
        .isEqualTo(START + "WARNING 7 lines are left out here: they came faster than the log");
  }

  @Test
  void longTextsAreCut() {
    log.info("x".repeat(LineOperatorLog.TEXT_CHARS + 1));
    platform.step();
    assertThat(kept.lines().getFirst()).hasSizeLessThan(4_200).endsWith("x (cut)");
  }

  @Test
  void closePrintsTheRestWithItsCounts() {
    log.write(Level.INFO, "bye");
    log.write(Level.INFO, "bye");
    log.close();
    assertThat(kept.lines())
        .containsExactly(START + "INFO bye", START + "INFO bye (once more in 10 s)");
    assertThat(kept.closed).isTrue();
  }

  @Test
  void failingFileHoldsUpNoOtherOutputAndIsTold() {
    var both = LineOperatorLog.start(platform, List.of(OperatorOutput.file(disk, FILE), kept));
    var worker = platform.workers.getLast();
    disk.faults((operation, number, file) -> DiskFailure.Kind.FULL);
    both.info("one");
    worker.step();
    both.info("two");
    worker.step();
    worker.step();
    assertThat(kept.lines()).hasSize(3);
    assertThat(kept.lines().get(1)).contains("WARNING lines are missing in an output of this log");
    disk.noFaults();
    both.info("three");
    worker.step();
    assertThat(text(FILE)).isEqualTo(START + "INFO three\n");
  }

  @Test
  void fileIsAppendedToAndMovedAsideWhenItHasGrown() throws DiskFailure {
    disk.createFolder(FOLDER);
    disk.put(FILE, "old\n".getBytes(StandardCharsets.UTF_8));
    try (var output = new OperatorFile(disk, FILE, 12)) {
      output.write("one\n");
      assertThat(text(FILE)).isEqualTo("old\none\n");
      output.write("two\n");
      output.write("three\n");
    }
    assertThat(text(FILE)).isEqualTo("three\n");
    assertThat(text(FILE.resolveSibling("operator.log.1"))).isEqualTo("old\none\ntwo\n");
  }

  private String text(Path file) {
    return new String(disk.bytes(file), StandardCharsets.UTF_8);
  }

  /** Keeps what it gets. */
  private static final class Kept implements OperatorOutput {
    final StringBuilder text = new StringBuilder();
    int writes;
    boolean closed;

    @Override
    public void write(String lines) {
      writes++;
      text.append(lines);
    }

    @Override
    public void close() {
      closed = true;
    }

    List<String> lines() {
      return text.toString().lines().toList();
    }
  }
}
