package org.flywheelmta.torture;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.flywheelmta.clients.MailStore;
import org.flywheelmta.clients.Receiver;
import org.flywheelmta.clients.Script;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The generator sends straight to the sink, and the judge compares both journals. */
class LoopbackTest {
  private static final long SEED = 20260101;
  private static final int MESSAGES = 120;

  @TempDir Path folder;

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void everythingArrivesUnchanged(boolean pipelining) throws Exception {
    var counts = send(RunFolder.load(4, MESSAGES, pipelining, SEED), Misbehaviour.none());
    // A mail all of whose recipients are marked is refused; with this seed there are a few.
    assertThat(counts.acknowledged() + counts.refused()).isEqualTo(MESSAGES);
    assertThat(counts.unknown() + counts.unsent()).isZero();
    assertThat(counts.connections()).isEqualTo(4);
    var verdict = verdict();
    assertThat(verdict.lines()).endsWith("good");
    assertThat(verdict.mails().acknowledged()).isEqualTo(counts.acknowledged());
    assertThat(verdict.recipients().delivered()).isEqualTo(verdict.recipients().acknowledged());
  }

  @Test
  void sinkThatBreaksConnectionsLeavesNothingUnaccountedFor() throws Exception {
    var script =
        new Misbehaviour(
            new Misbehaviour.Shares(0.2, 0.2, 0.2, 0.05, 0.05, 0.1, 0.1, 0.05, 0.1),
            Duration.ofMillis(1),
            Duration.ofMillis(1),
            10_000_000,
            Duration.ZERO,
            Duration.ZERO,
            SEED);
    var counts = send(RunFolder.load(4, MESSAGES, true, SEED), script);
    assertThat(counts.acknowledged()).isPositive();
    assertThat(counts.refused()).isPositive();
    assertThat(counts.unknown()).isPositive();
    assertThat(counts.acknowledged() + counts.refused() + counts.unknown() + counts.unsent())
        .isEqualTo(MESSAGES);
    assertThat(verdict().lines()).endsWith("good");
  }

  @Test
  void scriptedReceiverIsAServerLikeAnyOther() throws Exception {
    var script =
        Script.parse("script", "mail time=1-3 451 4.3.0 later\nend time=1-2 close\nrcpt 250 ok");
    try (var ledger = Ledger.open(folder.resolve(History.LEDGER));
        var receiver = Receiver.start(RunFolder.freePort(), script, MailStore.none())) {
      var load = RunFolder.load(4, MESSAGES, true, SEED);
      var generator = Generator.start(receiver.address(), load, ledger);
      assertThat(generator.await(20, TimeUnit.SECONDS)).isTrue();
      assertThat(generator.counts())
          .extracting(
              Generator.Counts::refused, Generator.Counts::unknown, Generator.Counts::acknowledged)
          .containsExactly(3L, 2L, MESSAGES - 5L);
      assertThat(receiver.counts().mails()).isEqualTo(MESSAGES - 5);
    }
  }

  @Test
  void ledgerGoesOnWithNewNumbersAfterTheGeneratorDied() throws Exception {
    send(RunFolder.load(2, 10, true, SEED), Misbehaviour.none());
    try (var ledger = Ledger.open(folder.resolve(History.LEDGER))) {
      assertThat(ledger.nextNumber()).isEqualTo(10);
      var mail = Composer.fresh(RunFolder.load(1, 1, true, SEED)).compose(17, true);
      ledger.sent(mail);
    }
    try (var ledger = Ledger.open(folder.resolve(History.LEDGER))) {
      assertThat(ledger.nextNumber()).isEqualTo(18);
    }
    assertThat(verdict().mails().unknown()).isEqualTo(1);
    assertThat(verdict().lines()).endsWith("good");
  }

  private Generator.Counts send(Load load, Misbehaviour script) throws Exception {
    try (var ledger = Ledger.open(folder.resolve(History.LEDGER));
        var record = SinkRecord.open(folder.resolve(History.SINK_RECORD));
        var _ = KillRecord.open(folder.resolve(History.KILL_RECORD));
        var sink = Sink.start(RunFolder.freePort(), record, script)) {
      var generator = Generator.start(sink.address(), load, ledger);
      assertThat(generator.await(20, TimeUnit.SECONDS)).isTrue();
      sink.check();
      return generator.counts();
    }
  }

  private Verdict verdict() throws Exception {
    var history = History.in(folder);
    history.finish();
    return RunFolder.JUDGE.judge(history, null);
  }
}
