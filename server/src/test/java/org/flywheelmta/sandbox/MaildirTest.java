package org.flywheelmta.sandbox;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import org.flywheelmta.disk.DiskFailure;
import org.flywheelmta.disk.SimDisk;
import org.flywheelmta.disk.SimDisk.Operation;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What the sandbox's Maildir keeps, refuses and deletes. */
final class MaildirTest {
  private final SimDisk disk = new SimDisk();

  @Test
  void mailIsAFileWithItsEnvelopeAndLineFeeds() throws Exception {
    var stage = MaildirStage.on(disk);
    stage.bring(1, "Subject: x\r\n\r\n.dot\r\ngr\u00fc\u00df\r\n", "b@y.test", "c@y.test");
    stage.settle();
    assertThat(stage.answers).containsEntry(1, "yes");
    var files = stage.files("new");
    assertThat(files).hasSize(1);
    var text = stage.text(files.getFirst());
    assertThat(text)
        .isEqualTo(
            """
            Return-Path: <a@x.test>
            Delivered-To: <b@y.test>
            Delivered-To: <c@y.test>
            Subject: x

            .dot
            gr\u00fc\u00df
            """);
    assertThat(String.valueOf(files.getFirst().getFileName()))
        .startsWith("1700000000.M000001R")
        .endsWith(".flywheel,S=" + text.getBytes(StandardCharsets.UTF_8).length);
    stage.checkNothingIsLeft();
  }

  @Test
  void largeMailIsWrittenWhileItArrivesWhereverItIsParted() throws Exception {
    var stage = MaildirStage.on(disk);
    stage.bringPart(1, "Subject: x\r");
    stage.bringPart(1, "\n\r");
    stage.settle();
    assertThat(stage.written()).isEqualTo(2);
    assertThat(stage.files("tmp")).hasSize(1);
    assertThat(stage.files("new")).isEmpty();
    stage.bringPart(1, "\nend\r\n");
    stage.bringEnd(1);
    stage.settle();
    assertThat(stage.answers).containsEntry(1, "yes");
    assertThat(stage.texts()).containsExactly("Subject: x\n\nend\n");
    stage.checkNothingIsLeft();
  }

  @Test
  void abandonedMailLeavesNothing() throws Exception {
    var stage = MaildirStage.on(disk);
    stage.bringPart(1, "Subject: x\r\n");
    stage.maildir.abandon(MaildirStage.reception(1).id());
    stage.settle();
    assertThat(stage.files("new")).isEmpty();
    stage.checkNothingIsLeft();
  }

  @ParameterizedTest
  @CsvSource({
    "CREATE, FULL, NO_ROOM",
    "CREATE, IO, FAILED",
    "WRITE, FULL, NO_ROOM",
    "WRITE, IO, FAILED",
    "FORCE, IO, FAILED",
    "RENAME, FULL, NO_ROOM",
    "FORCE_FOLDER, IO, FAILED"
  })
  void failingDiskIsTheAnswerAndALaterMailIsKept(
      Operation operation, DiskFailure.Kind kind, String answer) throws Exception {
    var stage = MaildirStage.on(disk);
    disk.faults((each, number, file) -> each == operation ? kind : null);
    stage.bringPart(2, "in parts\r\n");
    stage.bringEnd(2);
    assertThat(stage.keep(1, "lost\r\n")).isEqualTo(answer);
    assertThat(stage.answers).containsEntry(2, answer);
    assertThat(stage.files("new")).isEmpty();
    assertThat(stage.operatorLines).singleElement().asString().contains("cannot keep mail");
    disk.noFaults();
    assertThat(stage.keep(3, "kept\r\n")).isEqualTo("yes");
    assertThat(stage.texts()).containsExactly("kept\n");
    assertThat(stage.operatorLines).last().asString().contains("keeps mail again");
    stage.checkNothingIsLeft();
  }

  @Test
  void oldestAreDeletedAboveTheMostMails() throws Exception {
    var stage = MaildirStage.on(disk, new MaildirLimits(3, 1L << 30));
    for (int i = 1; i <= 5; i++) {
      assertThat(stage.keep(i, i + "\r\n")).isEqualTo("yes");
    }
    assertThat(stage.texts()).containsExactly("3\n", "4\n", "5\n");
    stage.checkNothingIsLeft();
  }

  @Test
  void oldestAreDeletedAboveTheMostBytesAndTheLastStays() throws Exception {
    var stage = MaildirStage.on(disk, new MaildirLimits(10_000, 1_000));
    for (int i = 1; i <= 9; i++) {
      stage.keep(i, "x".repeat(200) + "\r\n");
    }
    assertThat(stage.files("new")).hasSize(4);
    assertThat(stage.keep(10, "x".repeat(2_000) + "\r\n")).isEqualTo("yes");
    assertThat(stage.files("new")).hasSize(1);
    stage.checkNothingIsLeft();
  }

  @Test
  void manySmallMailsMakeRoomForALargeOneAPassAtATime() throws Exception {
    var stage = MaildirStage.on(disk, new MaildirLimits(10_000, 100_000));
    int mails = MaildirDuty.DELETIONS_PER_PASS * 2 + 10;
    for (int i = 1; i <= mails; i++) {
      stage.bring(i, "\r\n", "b@y.test");
    }
    stage.settle();
    assertThat(stage.files("new")).hasSize(mails);
    assertThat(stage.keep(mails + 1, "x".repeat(99_000))).isEqualTo("yes");
    stage.settle();
    assertThat(stage.files("new")).hasSizeLessThan(100);
    assertThat(stage.keep(mails + 2, "x\r\n")).isEqualTo("yes");
    stage.checkNothingIsLeft();
  }

  @Test
  void whatTheSandboxDidNotWriteStays() throws Exception {
    var other = MaildirStage.FOLDER.resolve("new/1600000000.M1P1.other,S=1");
    var writing = MaildirStage.FOLDER.resolve("tmp/1600000000.M1P1.other");
    disk.put(other, new byte[1]);
    disk.put(writing, new byte[1]);
    var stage = MaildirStage.on(disk, new MaildirLimits(1, 1L << 30));
    stage.keep(1, "1\r\n");
    stage.keep(2, "2\r\n");
    assertThat(stage.files("new")).hasSize(2).contains(other);
    assertThat(stage.files("tmp")).containsExactly(writing);
  }

  @Test
  void mailsThatAReaderHasMovedCountAgainSoonAfter() throws Exception {
    var stage = MaildirStage.on(disk, new MaildirLimits(2, 1L << 30));
    stage.keep(1, "1\r\n");
    stage.keep(2, "2\r\n");
    stage.settleSeconds(10);
    for (var mail : stage.files("new")) {
      disk.rename(mail, MaildirStage.FOLDER.resolve("cur").resolve(mail.getFileName() + ":2,S"));
    }
    stage.keep(3, "3\r\n");
    stage.settle();
    stage.keep(4, "4\r\n");
    assertThat(stage.texts()).containsExactly("3\n", "4\n");
    assertThat(stage.files("cur")).isEmpty();
  }

  @Test
  void whileNothingCanBeDeletedNothingIsTaken() throws Exception {
    var stage = MaildirStage.on(disk, new MaildirLimits(1, 1L << 30));
    disk.faults(
        (operation, number, file) ->
            operation == Operation.DELETE ? DiskFailure.Kind.DENIED : null);
    assertThat(stage.keep(1, "1\r\n")).isEqualTo("yes");
    assertThat(stage.keep(2, "2\r\n")).isEqualTo("yes");
    assertThat(stage.maildir.takesMail()).isFalse();
    assertThat(stage.keep(3, "3\r\n")).isEqualTo("NO_ROOM");
    disk.noFaults();
    stage.settleSeconds(2);
    assertThat(stage.maildir.takesMail()).isTrue();
    assertThat(stage.keep(4, "4\r\n")).isEqualTo("yes");
    stage.checkNothingIsLeft();
  }

  @Test
  void mailsThatWaitForTheDiskAreBounded() throws Exception {
    var stage = MaildirStage.on(disk);
    for (int i = 1; i <= Maildir.MOST_WAITING; i++) {
      stage.bring(i, i + "\r\n", "b@y.test");
    }
    assertThat(stage.maildir.takesMail()).isFalse();
    stage.bring(9_999, "one too many\r\n", "b@y.test");
    assertThat(stage.answers).containsOnlyKeys(9_999).containsEntry(9_999, "NO_ROOM");
    stage.settle();
    assertThat(stage.answers.values()).filteredOn("yes"::equals).hasSize(Maildir.MOST_WAITING);
    stage.checkNothingIsLeft();
  }

  @Test
  void mailsThatAreWrittenInPartsAreBounded() throws Exception {
    var stage = MaildirStage.on(disk);
    int last = MaildirDuty.MOST_IN_PARTS + 1;
    for (int i = 1; i <= last; i++) {
      stage.bringPart(i, i + "\r\n");
    }
    stage.settle();
    assertThat(stage.files("tmp")).hasSize(MaildirDuty.MOST_IN_PARTS);
    for (int i = 1; i <= last; i++) {
      stage.bringEnd(i);
    }
    stage.settle();
    assertThat(stage.answers.values()).filteredOn("yes"::equals).hasSize(MaildirDuty.MOST_IN_PARTS);
    assertThat(stage.answers).containsEntry(last, "NO_ROOM");
    stage.checkNothingIsLeft();
  }

  @Test
  void whatWaitsIsWrittenAtTheEndAndWhatIsHalfIsTakenAway() throws Exception {
    var stage = MaildirStage.on(disk);
    stage.bring(1, "1\r\n", "b@y.test");
    stage.bringPart(2, "half\r\n");
    stage.maildir.close();
    stage.settle();
    assertThat(stage.answers).containsOnlyKeys(1).containsEntry(1, "yes");
    assertThat(stage.texts()).containsExactly("1\n");
    stage.checkNothingIsLeft();
  }

  @Test
  void folderHasOneOwner() throws Exception {
    var stage = MaildirStage.on(disk);
    var failure = catchThrowableOfType(DiskFailure.class, () -> MaildirStage.on(disk));
    assertThat(failure).isNotNull();
    assertThat(failure.kind()).isEqualTo(DiskFailure.Kind.LOCKED);
    stage.maildir.close();
    assertThat(MaildirStage.on(disk).keep(1, "1\r\n")).isEqualTo("yes");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          1700000000.M000001RX.flywheel,S=340     | 340
          1700000000.M000001RX.flywheel,S=340:2,S | 340
          1700000000.M000001RX.flywheel           | -1
          1700000000.M000001RX.flywheel,S=        | -1
          1700000000.M000001RX.flywheel,S=34x     | -1
          1700000000.M1P1.other,S=340             | -1
          """)
  void namesSayWhoWroteThemAndHowMuch(String name, long bytes) {
    assertThat(MailName.bytes(Path.of(name)).orElse(-1)).isEqualTo(bytes);
  }
}
