package org.flywheelmta.torture;

import static org.assertj.core.api.Assertions.assertThat;
import static org.flywheelmta.torture.RunFolder.to;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Each kind of verdict from journals written by hand; the servers of it live until 1000 and 2000.
 */
class JudgeTest {
  private static final String ID = "s1-0";

  private RunFolder run;
  private int reports;

  @BeforeEach
  void open(@TempDir Path folder) throws IOException {
    run = new RunFolder(folder);
  }

  @AfterEach
  void close() throws IOException {
    run.close();
  }

  private void acknowledged(int recipients) throws IOException {
    run.sent(ID, recipients);
    run.acknowledged(ID, recipients);
  }

  @Test
  void everythingDeliveredIsGood() throws IOException {
    acknowledged(2);
    run.delivered(ID, 100, 200, to(ID, 0), to(ID, 1));
    var verdict = run.verdict();
    assertThat(verdict.isGood()).isTrue();
    assertThat(verdict.lines())
        .endsWith(
            "acknowledged 2  delivered 2  lost 0  damaged 0  invented 0  duplicates 0 (explained 0)",
            "good");
  }

  @Test
  void anEmptyRunProvesNothing() throws IOException {
    assertThat(run.verdict().isGood()).isFalse();
    assertThat(run.verdict().lines()).contains("nothing was acknowledged, so nothing is proved");
  }

  @Test
  void acknowledgedRecipientThatNeverComesIsLost() throws IOException {
    acknowledged(2);
    run.delivered(ID, 100, 200, to(ID, 0));
    var verdict = run.verdict();
    assertThat(verdict.findings()).containsExactly(new Finding.Lost(to(ID, 1)));
    assertThat(verdict.isGood()).isFalse();
    assertThat(verdict.recipients().delivered()).isEqualTo(1);
  }

  @Test
  void deferredOrUnansweredDeliveryIsStillLost() throws IOException {
    acknowledged(1);
    run.said(run.took(ID, "100 aa", 100, to(ID, 0)), 150, 451);
    run.said(run.took(ID, "100 aa", 100, to(ID, 0)), 200, 0);
    assertThat(run.verdict().lost()).isEqualTo(1);
  }

  @Test
  void recipientInTheSpoolListIsNotLost() throws IOException {
    acknowledged(2);
    run.delivered(ID, 100, 200, to(ID, 0));
    var verdict = run.verdict(to(ID, 1));
    assertThat(verdict.lost()).isZero();
    assertThat(verdict.waiting()).isEqualTo(1);
    assertThat(verdict.isGood()).isTrue();
  }

  @Test
  void recipientWhomTheSinkRefusedCountsAsBounced() throws IOException {
    String refused = Address.recipient(ID, 0, true, 3);
    run.ledger("sent 1 s1-0 100 aa " + refused);
    run.ledger("acknowledged 2 s1-0 " + refused);
    run.sink("refused 5 550 " + refused);
    report("r1", 20, 30, refused);
    var verdict = run.verdict();
    assertThat(verdict.isGood()).isTrue();
    assertThat(verdict.recipients().bounced()).isEqualTo(1);
  }

  private String refused() throws IOException {
    String refused = Address.recipient(ID, 0, true, 3);
    run.ledger("sent 1 s1-0 100 aa " + refused);
    run.ledger("acknowledged 2 s1-0 " + refused);
    run.sink("refused 5 550 " + refused);
    return refused;
  }

  /** The sink takes a report, over a connection opened and with a reply said at those times. */
  private void report(String id, long openedMillis, long saidMillis, String recipient)
      throws IOException {
    String key = "9." + ++reports;
    run.sink("told " + key + ' ' + id + ' ' + recipient);
    run.sink(
        "took %s %d000 %d000 - 10 bb - %s"
            .formatted(key, openedMillis, saidMillis, Address.sender(ID)));
    run.sink("said %s %d000 250".formatted(key, saidMillis));
  }

  @Test
  void refusedRecipientOfWhomNobodyIsToldIsUnreported() throws IOException {
    String refused = refused();
    assertThat(run.verdict().findings()).containsExactly(new Finding.Unreported(refused));
    assertThat(run.verdict().isGood()).isFalse();
    assertThat(run.verdict(Address.sender(ID)).isGood()).as("the report waits").isTrue();
  }

  @Test
  void secondReportIsOneTooMany() throws IOException {
    String refused = refused();
    report("r1", 20, 30, refused);
    report("r2", 40, 50, refused);
    assertThat(run.verdict().misreported()).isEqualTo(1);
    assertThat(run.verdict().isGood()).isFalse();
  }

  @Test
  void reportOfADeliveryIsWrong() throws IOException {
    acknowledged(1);
    run.delivered(ID, 100, 200, to(ID, 0));
    report("r1", 300, 400, to(ID, 0));
    assertThat(run.verdict().findings())
        .containsExactly(new Finding.Misreported(to(ID, 0), "was not turned away"));
  }

  @Test
  void reportThatComesTwiceIsADuplicateLikeAnyOther() throws IOException {
    String refused = refused();
    report("r1", 20, 995, refused);
    report("r1", 1100, 1200, refused);
    run.kill(1000, 1010);
    assertThat(run.verdict().isGood()).as("within the window of a kill").isTrue();
    report("r1", 1300, 1400, refused);
    assertThat(run.verdict().isGood()).isFalse();
  }

  @Test
  void reportOfFailureIsCountedAndNotInvented() throws IOException {
    acknowledged(1);
    run.delivered(ID, 100, 200, to(ID, 0));
    run.sink("took 9.1 5 5 - 10 bb - " + Address.sender(ID));
    run.sink("said 9.1 6 250");
    var verdict = run.verdict();
    assertThat(verdict.isGood()).isTrue();
    assertThat(verdict.mails().reports()).isEqualTo(1);
  }

  @Test
  void changedBytesAreDamage() throws IOException {
    acknowledged(3);
    run.said(run.took(ID, "99 aa", 100, to(ID, 0)), 200, 250);
    run.said(run.took(ID, "100 ab", 100, to(ID, 1)), 200, 250);
    run.said(run.took("s1-7", "100 aa", 100, to(ID, 2)), 200, 250);
    var verdict = run.verdict();
    assertThat(verdict.findings())
        .containsExactly(
            new Finding.Damaged(to(ID, 0), "99 bytes instead of 100"),
            new Finding.Damaged(to(ID, 1), "other bytes of the same length"),
            new Finding.Damaged(to(ID, 2), "its header names s1-7"));
    assertThat(verdict.isGood()).isFalse();
  }

  @Test
  void mailThatWasNeverSentIsInvented() throws IOException {
    acknowledged(1);
    run.delivered(ID, 100, 200, to(ID, 0));
    run.delivered("s1-99", 100, 200, to("s1-99", 0));
    run.delivered(ID, 100, 200, "someone@example.com");
    assertThat(run.verdict().invented()).isEqualTo(2);
    assertThat(run.verdict().isGood()).isFalse();
  }

  @Test
  void recipientWhomNobodyNamedIsInvented() throws IOException {
    acknowledged(1);
    run.delivered(ID, 100, 200, to(ID, 0), to(ID, 1));
    assertThat(run.verdict().invented()).isEqualTo(1);
    assertThat(run.verdict().isGood()).isFalse();
  }

  @Test
  void refusedOrUnfinishedMailThatComesIsInvented() throws IOException {
    run.sent(ID, 1);
    run.ledger("refused 2 s1-0 451");
    run.delivered(ID, 100, 200, to(ID, 0));
    run.sent("s1-1", 1);
    run.ledger("unsent 2 s1-1");
    run.delivered("s1-1", 100, 200, to("s1-1", 0));
    assertThat(run.verdict().invented()).isEqualTo(2);
  }

  @Test
  void refusalFromADyingServerBindsNobodyButStillNotToAPart() throws IOException {
    acknowledged(1);
    run.delivered(ID, 100, 200, to(ID, 0));
    run.kill(1000, 1005);
    run.sent("s1-1", 2);
    run.ledger("refused 1002000 s1-1 451");
    run.delivered("s1-1", 1100, 1200, to("s1-1", 0));
    assertThat(run.verdict().invented()).isEqualTo(1);
    run.delivered("s1-1", 1100, 1200, to("s1-1", 1));
    assertThat(run.verdict().isGood()).isTrue();
  }

  @Test
  void unacknowledgedMailMayComeWholeOrNotAtAll() throws IOException {
    acknowledged(1);
    run.delivered(ID, 100, 200, to(ID, 0));
    run.sent("s1-1", 2);
    run.ledger("unknown 2 s1-1 " + to("s1-1", 0) + ',' + to("s1-1", 1));
    run.delivered("s1-1", 100, 200, to("s1-1", 0));
    run.delivered("s1-1", 100, 200, to("s1-1", 1));
    run.sent("s1-2", 2);
    assertThat(run.verdict().isGood()).isTrue();
    assertThat(run.verdict().recipients().beyond()).isEqualTo(2);
  }

  @Test
  void partOfAnUnacknowledgedMailIsInvented() throws IOException {
    acknowledged(1);
    run.delivered(ID, 100, 200, to(ID, 0));
    run.sent("s1-1", 2);
    run.delivered("s1-1", 100, 200, to("s1-1", 0));
    assertThat(run.verdict().invented()).isEqualTo(1);
    assertThat(run.verdict().isGood()).isFalse();
  }

  @Test
  void duplicateWithinTheWindowBeforeAKillIsExplained() throws IOException {
    acknowledged(1);
    run.kill(1000, 1005);
    run.delivered(ID, 500, 992, to(ID, 0));
    run.delivered(ID, 1500, 1600, to(ID, 0));
    var verdict = run.verdict();
    assertThat(verdict.duplicates()).isEqualTo(1);
    assertThat(verdict.inWindow()).isEqualTo(1);
    assertThat(verdict.isGood()).isTrue();
    assertThat(verdict.lines())
        .contains(
            "duplicate: " + to(ID, 0) + " explained: its 250 was given 8.0 ms before kill 1",
            "duplicates: 250 just before a kill 1 (0 only with the slack, oldest 8.0 ms)  "
                + "250 not yet given at a kill 0  unexplained 0");
  }

  @Test
  void duplicateThatNeedsTheSlackSaysSo() throws IOException {
    acknowledged(1);
    run.kill(1000, 1005);
    run.delivered(ID, 500, 960, to(ID, 0));
    run.delivered(ID, 1500, 1600, to(ID, 0));
    assertThat(run.verdict().isGood()).isTrue();
    assertThat(run.verdict().lines()).anyMatch(line -> line.contains("(1 only with the slack"));
  }

  @Test
  void duplicateLongBeforeTheKillIsUnexplained() throws IOException {
    acknowledged(1);
    run.kill(1000, 1005);
    run.delivered(ID, 500, 940, to(ID, 0));
    run.delivered(ID, 1500, 1600, to(ID, 0));
    var verdict = run.verdict();
    assertThat(verdict.duplicates()).isEqualTo(1);
    assertThat(verdict.explained()).isZero();
    assertThat(verdict.isGood()).isFalse();
  }

  @Test
  void duplicateWhose250CameAfterTheKillIsExplainedHoweverLate() throws IOException {
    acknowledged(1);
    run.kill(1000, 1005);
    run.delivered(ID, 1500, 1600, to(ID, 0));
    run.delivered(ID, 990, 1900, to(ID, 0));
    var verdict = run.verdict();
    assertThat(verdict.unanswered()).isEqualTo(1);
    assertThat(verdict.isGood()).isTrue();
  }

  @Test
  void duplicateFromOneServerIsUnexplainedEvenBeforeAKill() throws IOException {
    acknowledged(1);
    run.kill(1000, 1005);
    run.delivered(ID, 500, 995, to(ID, 0));
    run.delivered(ID, 600, 996, to(ID, 0));
    assertThat(run.verdict().explained()).isZero();
    assertThat(run.verdict().isGood()).isFalse();
  }

  @Test
  void duplicateWithoutAKillIsUnexplained() throws IOException {
    acknowledged(1);
    run.delivered(ID, 500, 600, to(ID, 0));
    run.delivered(ID, 700, 800, to(ID, 0));
    assertThat(run.verdict().isGood()).isFalse();
  }

  @Test
  void eachCopyOfATripleNeedsItsOwnKill() throws IOException {
    acknowledged(1);
    run.kill(1000, 1005);
    run.kill(2000, 2005);
    run.delivered(ID, 500, 995, to(ID, 0));
    run.delivered(ID, 1500, 1995, to(ID, 0));
    run.delivered(ID, 2500, 2600, to(ID, 0));
    assertThat(run.verdict().explained()).isEqualTo(2);
    assertThat(run.verdict().isGood()).isTrue();
    run.delivered(ID, 2500, 2700, to(ID, 0));
    assertThat(run.verdict().explained()).isEqualTo(2);
    assertThat(run.verdict().isGood()).isFalse();
  }

  @Test
  void incidentSpoilsAGoodRun() throws IOException {
    acknowledged(1);
    run.delivered(ID, 500, 600, to(ID, 0));
    var verdict = run.verdict().with(List.of("the server ended by itself"));
    assertThat(verdict.isGood()).isFalse();
    assertThat(verdict.lines()).contains("incident: the server ended by itself").endsWith("BAD");
  }

  @Test
  void replyThatIsNotRecordedCountsAsDelivered() throws IOException {
    acknowledged(1);
    run.took(ID, "100 aa", 500, to(ID, 0));
    assertThat(run.verdict().isGood()).isTrue();
  }

  @Test
  void recipientWhomTheScriptPutsOffToTheEndWaits() throws IOException {
    acknowledged(2);
    run.delivered(ID, 100, 200, to(ID, 0));
    run.kill(1000, 1005);
    run.sink("held 1100000 rcpt " + to(ID, 1));
    assertThat(run.verdict().findings()).containsExactly(new Finding.Waiting(to(ID, 1), false));
    assertThat(run.verdict().isGood()).isTrue();
    assertThat(run.verdict("someone else").lost()).as("the server itself knows better").isOne();
  }

  @Test
  void recipientWhomTheScriptNoLongerPutsOffIsLost() throws IOException {
    acknowledged(1);
    run.sink("held 1100000 rcpt " + to(ID, 0));
    run.sink("freed 1200000 rcpt " + to(ID, 0));
    assertThat(run.verdict().lost()).isOne();
  }

  @Test
  void recipientWhomTheLastServerNeverTriedIsLost() throws IOException {
    acknowledged(1);
    run.sink("held 900000 rcpt " + to(ID, 0));
    assertThat(run.verdict().waiting()).isOne();
    run.kill(1000, 1005);
    assertThat(run.verdict().lost()).isOne();
  }

  @Test
  void allWaitWhereTheScriptHoldsTheirSenderOrEverybody() throws IOException {
    acknowledged(1);
    run.sink("held 100000 mail " + Address.sender(ID));
    assertThat(run.verdict().waiting()).isOne();
    run.sink("freed 200000 mail " + Address.sender(ID));
    assertThat(run.verdict().lost()).isOne();
    run.sink("held 300000 mail -");
    assertThat(run.verdict().lost()).as("that is of reports").isOne();
    run.sink("held 300000 connect -");
    assertThat(run.verdict().waiting()).isOne();
  }

  @Test
  void reportWaitsWhereTheScriptHoldsItsRecipient() throws IOException {
    String refused = refused();
    run.sink("held 100000 mail " + Address.sender(ID));
    assertThat(run.verdict().unreported()).as("that is of the mail").isOne();
    run.sink("held 100000 end " + Address.sender(ID));
    assertThat(run.verdict().findings()).containsExactly(new Finding.Waiting(refused, false));
    assertThat(run.verdict("someone else").isGood()).as("no listing tells of reports").isTrue();
  }

  @Test
  void refusedSenderIsOwedAReportOfWhomeverIsNotDelivered() throws IOException {
    acknowledged(2);
    run.delivered(ID, 100, 200, to(ID, 0));
    run.sink("refused 5 553 " + Address.sender(ID));
    assertThat(run.verdict().findings()).containsExactly(new Finding.Unreported(to(ID, 1)));
    report("r1", 220, 230, to(ID, 1));
    assertThat(run.verdict().isGood()).isTrue();
    report("r2", 1100, 1200, to(ID, 0));
    assertThat(run.verdict().misreported()).isOne();
    run.kill(205, 206);
    assertThat(run.verdict().misreported()).as("the delivery may be forgotten").isZero();
  }

  @Test
  void anyPositiveReplyIsADelivery() throws IOException {
    acknowledged(1);
    run.said(run.took(ID, "100 aa", 100, to(ID, 0)), 200, 251);
    assertThat(run.verdict().isGood()).isTrue();
  }
}
