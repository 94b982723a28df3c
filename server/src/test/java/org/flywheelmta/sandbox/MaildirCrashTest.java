package org.flywheelmta.sandbox;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.SplittableRandom;
import org.flywheelmta.disk.SimDisk;
import org.flywheelmta.disk.SimDisk.CrashMode;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The power goes, or the process is killed, in the middle of each operation of the disk. */
final class MaildirCrashTest {
  private static final int MAILS = 4;
  private static final String LARGE = "y".repeat(200_000) + "\r\n";

  @ParameterizedTest
  @EnumSource(CrashMode.class)
  void answeredMailIsWholeAfterACrashAnywhereAndNothingHalfIsLeft(CrashMode mode) throws Exception {
    long operations = operationsOfAWholeRun();
    for (long cut = openingOperations() + 1; cut <= operations; cut++) {
      crash(mode, cut);
    }
  }

  private static void crash(CrashMode mode, long cut) throws Exception {
    var disk = new SimDisk();
    var stage = MaildirStage.on(disk);
    disk.cutPowerAt(cut);
    bringAll(stage);
    assertThat(disk.isOff()).as("the power went at operation " + cut).isTrue();
    stage.server.kill();
    disk.crash(mode, new SplittableRandom(cut));

    var next = MaildirStage.on(disk);
    assertThat(next.files("tmp")).as("unfinished after a cut at " + cut).isEmpty();
    var texts = next.texts();
    stage.answers.forEach(
        (number, answer) -> {
          assertThat(answer).isEqualTo("yes");
          assertThat(texts).as("after a cut at " + cut).contains(expected(number));
        });
    for (var text : texts) {
      assertThat(text).as("after a cut at " + cut).matches("(?s)\\d\n(y+\n)?");
    }
    assertThat(next.keep(9, "9\r\n")).isEqualTo("yes");
  }

  private static String expected(int number) {
    return number + "\n" + (number % 2 == 0 ? LARGE.replace("\r", "") : "");
  }

  /** Every second one in parts, two at a time, so that some are answered before the power goes. */
  private static void bringAll(MaildirStage stage) {
    for (int i = 1; i <= MAILS; i++) {
      if (i % 2 == 0) {
        stage.bringPart(i, i + "\r\n");
        stage.bringPart(i, LARGE);
        stage.bringEnd(i);
        stage.settle();
      } else {
        stage.bring(i, i + "\r\n", "b@y.test");
      }
    }
  }

  private static long openingOperations() throws Exception {
    var disk = new SimDisk();
    MaildirStage.on(disk);
    return disk.operations();
  }

  private static long operationsOfAWholeRun() throws Exception {
    var disk = new SimDisk();
    var stage = MaildirStage.on(disk);
    bringAll(stage);
    assertThat(stage.answers).hasSize(MAILS);
    return disk.operations();
  }
}
