package org.flywheelmta.torture;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.Socket;
import java.net.SocketException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.flywheelmta.clients.Reply;
import org.flywheelmta.clients.Wire;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A scripted client sees what the sink is told to do wrong. */
class SinkTest {
  private static final String TO = RunFolder.to("s1-0", 0);
  private static final int READ_LIMIT_MILLIS = 10_000;

  @TempDir Path folder;

  private interface Script {
    void play(Wire wire) throws Exception;
  }

  private List<String> play(Misbehaviour misbehaviour, Script script) throws Exception {
    var file = folder.resolve(History.SINK_RECORD);
    try (var record = SinkRecord.open(file);
        var sink = Sink.start(RunFolder.freePort(), record, misbehaviour);
        var socket = new Socket(sink.address().getAddress(), sink.address().getPort())) {
      socket.setSoTimeout(READ_LIMIT_MILLIS);
      var wire = new Wire(socket);
      assertThat(Reply.read(wire).code()).isEqualTo(220);
      script.play(wire);
      sink.check();
    }
    var lines = new ArrayList<String>();
    new JournalTail(file).read(lines::add);
    return lines;
  }

  private static Misbehaviour misbehaviour(
      double stall, double close, double reset, double recipient, double mail) {
    return misbehaviour(new Misbehaviour.Shares(stall, close, reset, 0, 0, recipient, mail, 0, 0));
  }

  private static Misbehaviour misbehaviour(Misbehaviour.Shares shares) {
    return new Misbehaviour(
        shares,
        Duration.ofMillis(20),
        Duration.ofMillis(20),
        100_000,
        Duration.ZERO,
        Duration.ZERO,
        7);
  }

  private static int ask(Wire wire, String command) throws IOException {
    wire.write(command);
    wire.flush();
    return Reply.read(wire).code();
  }

  private static void untilData(Wire wire, String recipient) throws IOException {
    assertThat(ask(wire, "MAIL FROM:<s1-0@from.torture.test>")).isEqualTo(250);
    assertThat(ask(wire, "RCPT TO:<" + recipient + ">")).isEqualTo(250);
    assertThat(ask(wire, "DATA")).isEqualTo(354);
  }

  private static void content(Wire wire) throws IOException {
    wire.write(
        "X-Torture-Id: s1-0\r\n\r\n..\r\n...\r\nend\r\n".getBytes(StandardCharsets.US_ASCII));
  }

  @Test
  void recordNamesMailRecipientPrintAndReply() throws Exception {
    var lines =
        play(
            Misbehaviour.none(),
            wire -> {
              untilData(wire, TO);
              wire.write("Received: added on the way");
              content(wire);
              assertThat(ask(wire, ".")).isEqualTo(250);
              assertThat(ask(wire, "QUIT")).isEqualTo(221);
            });
    var print =
        Fingerprint.of(
            "X-Torture-Id: s1-0\r\n\r\n.\r\n..\r\nend\r\n".getBytes(StandardCharsets.US_ASCII));
    assertThat(lines).hasSize(2);
    assertThat(lines.getFirst().split(" "))
        .contains("took", "1.1", "s1-0", "34", print.sha256(), "s1-0@from.torture.test", TO);
    assertThat(lines.getLast()).matches("said 1\\.1 \\d+ 250");
  }

  @Test
  void changedBodyHasAnotherPrint() {
    byte[] one = "X-Torture-Id: a\r\n\r\nbody\r\n".getBytes(StandardCharsets.US_ASCII);
    byte[] two = "X-Torture-Id: a\r\n\r\nbodY\r\n".getBytes(StandardCharsets.US_ASCII);
    assertThat(Fingerprint.of(one)).isNotEqualTo(Fingerprint.of(two));
  }

  @Test
  void closesAfterTheDotWithoutReplying() throws Exception {
    var lines =
        play(
            misbehaviour(0, 1, 0, 0, 0),
            wire -> {
              untilData(wire, TO);
              content(wire);
              wire.write(".");
              assertThat(wire.next()).isFalse();
            });
    assertThat(lines.getLast()).matches("said 1\\.1 \\d+ 0");
  }

  @Test
  void resetsWithinTheBody() throws Exception {
    var lines =
        play(
            misbehaviour(0, 0, 1, 0, 0),
            wire -> {
              untilData(wire, TO);
              content(wire);
              assertThatThrownBy(wire::next).isInstanceOf(SocketException.class);
            });
    assertThat(lines).isEmpty();
  }

  @Test
  void stallsBeforeItsReply() throws Exception {
    var lines =
        play(
            misbehaviour(1, 0, 0, 0, 0),
            wire -> {
              untilData(wire, TO);
              content(wire);
              assertThat(ask(wire, ".")).isEqualTo(250);
              // The next reply comes after the line on the last one was written.
              assertThat(ask(wire, "NOOP")).isEqualTo(250);
            });
    long received = Long.parseLong(lines.getFirst().split(" ", -1)[3]);
    long said = Long.parseLong(lines.getLast().split(" ", -1)[2]);
    assertThat(said - received).isGreaterThanOrEqualTo(20_000);
  }

  private static Misbehaviour.Shares shares(
      double silent, double slow, double rejectMail, double busy) {
    return new Misbehaviour.Shares(0, 0, 0, silent, slow, 0, 0, rejectMail, busy);
  }

  @Test
  void fallsSilentAfterTheDotAndClosesInTheEnd() throws Exception {
    var lines =
        play(
            misbehaviour(shares(1, 0, 0, 0)),
            wire -> {
              untilData(wire, TO);
              content(wire);
              wire.write(".");
              wire.write("NOOP");
              assertThat(wire.next()).isFalse();
            });
    assertThat(lines).hasSize(2);
    assertThat(lines.getLast()).matches("said 1\\.1 \\d+ 0");
  }

  @Test
  void rejectsMailsForGoodAndRecordsEachRecipient() throws Exception {
    var lines =
        play(
            misbehaviour(shares(0, 0, 1, 0)),
            wire -> {
              for (int i = 0; i < 2; i++) {
                untilData(wire, TO);
                content(wire);
                assertThat(ask(wire, ".")).isEqualTo(554);
              }
            });
    assertThat(lines).hasSize(6);
    assertThat(lines.get(1)).matches("refused \\d+ 554 .*").endsWith(TO);
    assertThat(lines.getLast()).matches("said 1\\.2 \\d+ 554");
  }

  /** 40,000 bytes at 100,000 a second; the times are those of the record. */
  @Test
  void readsSlowlyWhatItIsToldTo() throws Exception {
    var lines =
        play(
            misbehaviour(shares(0, 1, 0, 0)),
            wire -> {
              untilData(wire, TO);
              wire.write("X-Torture-Id: s1-0");
              wire.write("");
              for (int i = 0; i < 100; i++) {
                wire.write("b".repeat(398));
              }
              assertThat(ask(wire, ".")).isEqualTo(250);
            });
    long opened = Long.parseLong(lines.getFirst().split(" ", -1)[2]);
    long received = Long.parseLong(lines.getFirst().split(" ", -1)[3]);
    assertThat(received - opened).isGreaterThanOrEqualTo(370_000);
  }

  @Test
  void reportsGetThroughInTheEnd() throws Exception {
    try (var record = SinkRecord.open(folder.resolve(History.SINK_RECORD));
        var sink = Sink.start(RunFolder.freePort(), record, misbehaviour(0, 0.5, 0, 0, 0))) {
      for (int i = 0; i < 20; i++) {
        int tries = 1;
        while (!takesReport(sink, RunFolder.to("s1-1", i))) {
          assertThat(tries++).isLessThan(40);
        }
      }
    }
  }

  /** Whether a mail from nobody is taken, over a connection of its own. */
  private static boolean takesReport(Sink sink, String to) throws IOException {
    try (var socket = new Socket(sink.address().getAddress(), sink.address().getPort())) {
      socket.setSoTimeout(READ_LIMIT_MILLIS);
      var wire = new Wire(socket);
      assertThat(Reply.read(wire).code()).isEqualTo(220);
      assertThat(ask(wire, "MAIL FROM:<>")).isEqualTo(250);
      assertThat(ask(wire, "RCPT TO:<" + to + ">")).isEqualTo(250);
      assertThat(ask(wire, "DATA")).isEqualTo(354);
      content(wire);
      wire.write(".");
      wire.flush();
      return wire.next();
    }
  }

  @Test
  void busySinkGreetsWith421() throws Exception {
    try (var record = SinkRecord.open(folder.resolve(History.SINK_RECORD));
        var sink = Sink.start(RunFolder.freePort(), record, misbehaviour(shares(0, 0, 0, 1)));
        var socket = new Socket(sink.address().getAddress(), sink.address().getPort())) {
      var wire = new Wire(socket);
      assertThat(Reply.read(wire).code()).isEqualTo(421);
      assertThat(wire.next()).isFalse();
    }
  }

  @Test
  void whoIsThroughIsForgotten() throws Exception {
    try (var record = SinkRecord.open(folder.resolve(History.SINK_RECORD));
        var sink = Sink.start(RunFolder.freePort(), record, Misbehaviour.none())) {
      sink.strike(TO);
      sink.strike(TO);
      assertThat(sink.time(TO)).isEqualTo(3);
      sink.spare(TO);
      assertThat(sink.time(TO)).isEqualTo(1);
    }
  }

  @Test
  void defersRecipientsAndMails() throws Exception {
    play(
        misbehaviour(0, 0, 0, 1, 0),
        wire -> {
          assertThat(ask(wire, "MAIL FROM:<>")).isEqualTo(250);
          assertThat(ask(wire, "RCPT TO:<" + TO + ">")).isEqualTo(450);
          assertThat(ask(wire, "DATA")).isEqualTo(503);
        });
    play(
        misbehaviour(0, 0, 0, 0, 1),
        wire -> {
          untilData(wire, TO);
          content(wire);
          assertThat(ask(wire, ".")).isEqualTo(451);
        });
  }

  @Test
  void deferredShareLetsEverybodyThroughInTheEnd() throws Exception {
    play(
        misbehaviour(0, 0, 0, 0.5, 0),
        wire -> {
          assertThat(ask(wire, "MAIL FROM:<>")).isEqualTo(250);
          for (int i = 0; i < 20; i++) {
            int tries = 1;
            while (ask(wire, "RCPT TO:<" + RunFolder.to("s1-1", i) + ">") != 250) {
              assertThat(tries++).isLessThan(40);
            }
          }
        });
  }

  @Test
  void refusesMarkedRecipientsForGoodAndRecordsIt() throws Exception {
    String marked = Address.recipient("s1-0", 0, true, 2);
    var lines =
        play(
            Misbehaviour.none(),
            wire -> {
              assertThat(ask(wire, "MAIL FROM:<>")).isEqualTo(250);
              assertThat(ask(wire, "RCPT TO:<" + marked + ">")).isEqualTo(550);
            });
    assertThat(lines).singleElement().asString().matches("refused \\d+ 550 .*").endsWith(marked);
  }

  @Test
  void wordsFromThePeerCannotBreakTheRecord() throws Exception {
    var lines =
        play(
            Misbehaviour.none(),
            wire -> {
              untilData(wire, "a b,c\u0001@x");
              content(wire);
              assertThat(ask(wire, ".")).isEqualTo(250);
            });
    assertThat(lines.getFirst()).endsWith(" a_b_c_@x");
  }

  @Test
  void refusesConnectionsForAWhileAndComesBack() throws Exception {
    var script =
        new Misbehaviour(
            Misbehaviour.Shares.NONE,
            Duration.ZERO,
            Duration.ZERO,
            1,
            Duration.ofMillis(20),
            Duration.ofMillis(20),
            7);
    try (var record = SinkRecord.open(folder.resolve(History.SINK_RECORD));
        var sink = Sink.start(RunFolder.freePort(), record, script)) {
      long deadline = System.nanoTime() + Duration.ofSeconds(8).toNanos();
      int refusedThenTaken = 0;
      boolean refused = false;
      while (refusedThenTaken < 2 && System.nanoTime() < deadline) {
        boolean taken = connects(sink);
        refusedThenTaken += refused && taken ? 1 : 0;
        refused = !taken;
      }
      assertThat(refusedThenTaken).isEqualTo(2);
      sink.check();
    }
  }

  private static boolean connects(Sink sink) throws IOException {
    try (var socket = new Socket(sink.address().getAddress(), sink.address().getPort())) {
      socket.setSoTimeout(READ_LIMIT_MILLIS);
      return Reply.read(new Wire(socket)).code() == 220;
    } catch (IOException e) {
      return false;
    }
  }
}
