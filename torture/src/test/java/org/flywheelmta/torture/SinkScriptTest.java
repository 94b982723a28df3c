package org.flywheelmta.torture;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.flywheelmta.clients.BadScript;
import org.flywheelmta.clients.Reply;
import org.flywheelmta.clients.Script;
import org.flywheelmta.clients.Wire;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The sink does what a script says, and the record tells what the judge needs of it. */
class SinkScriptTest {
  private static final String FROM = "s1-0@from.torture.test";
  private static final String TO = RunFolder.to("s1-0", 0);
  private static final String OTHER = RunFolder.to("s1-0", 1);
  private static final int READ_LIMIT_MILLIS = 10_000;

  /** A code where the sink closed or reset instead. */
  private static final int GONE = -1;

  @TempDir Path folder;

  private interface Play {
    void over(Sink sink) throws Exception;
  }

  /** The lines of the record, without the times at which they were written. */
  private List<String> play(String script, Play play) throws Exception {
    return record(script, play).stream()
        .map(line -> line.replaceFirst("(?<= )\\d{10,}", "MICROS"))
        .toList();
  }

  private List<String> record(String script, Play play) throws Exception {
    var misbehaviour =
        new Misbehaviour(
            Misbehaviour.Shares.NONE,
            Duration.ZERO,
            Duration.ofMillis(20),
            1,
            Duration.ZERO,
            Duration.ZERO,
            7);
    var file = folder.resolve(History.SINK_RECORD);
    try (var record = SinkRecord.open(file);
        var sink =
            Sink.start(
                RunFolder.freePort(), record, misbehaviour, Script.parse("script", script))) {
      play.over(sink);
      sink.conclude();
    }
    var lines = new ArrayList<String>();
    new JournalTail(file).read(lines::add);
    return lines;
  }

  /** One session; the code of the last reply, where each but the last goes well. */
  private static int session(Sink sink, String sender, String... recipients) throws IOException {
    try (var socket = new Socket(sink.address().getAddress(), sink.address().getPort())) {
      socket.setSoTimeout(READ_LIMIT_MILLIS);
      var wire = new Wire(socket);
      int code = Reply.read(wire).code();
      var words = new ArrayList<>(List.of("EHLO x", "MAIL FROM:<" + sender + ">"));
      for (var recipient : recipients) {
        words.add("RCPT TO:<" + recipient + ">");
      }
      words.add("DATA");
      for (var word : words) {
        if (code >= 400) {
          return code;
        }
        wire.write(word);
        code = Reply.read(wire).code();
      }
      if (code == 354) {
        wire.write("X-Torture-Id: s1-0\r\n\r\nbody\r\n.\r\n".getBytes(StandardCharsets.US_ASCII));
        code = Reply.read(wire).code();
      }
      return code;
    } catch (IOException e) {
      return GONE;
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "connect time=1 421 4.3.2 busy",
        "ehlo time=1 451 4.3.0 later",
        "mail from=s1-* time=1 451 4.3.0 later",
        "rcpt to=s1-0.0@* time=1 450 4.2.1 later",
        "data to=s1-0.0@* time=1 451 4.3.0 later",
        "end per=from time=1 451 4.3.0 later",
        "connect time=1 close",
        "mail time=1 reset",
        "rcpt per=to time=1 close",
        "data time=1 silence",
        "body time=1 reset",
        "end time=1 close",
        "end time=1 reset",
        "end time=1 silence"
      })
  void putOffOnceIsThroughTheSecondTimeAndNothingIsHeld(String rule) throws Exception {
    var lines =
        play(
            rule,
            sink -> {
              assertThat(session(sink, FROM, TO)).isNotEqualTo(250);
              assertThat(sink.script().lines())
                  .singleElement()
                  .asString()
                  .startsWith("by script: " + rule.split(" ", 2)[0]);
              assertThat(session(sink, FROM, TO)).isEqualTo(250);
            });
    assertThat(lines).noneMatch(line -> line.matches("(refused|held|freed) .*"));
    assertThat(lines).anyMatch(line -> line.matches("said .* 250"));
    if (rule.startsWith("end")) {
      assertThat(lines).anyMatch(line -> line.matches("said .* (451|0)"));
    }
  }

  @Test
  void waitComesBeforeTheReplyAndAfterTheMailWasRecorded() throws Exception {
    var lines = record("end wait 30ms", sink -> assertThat(session(sink, FROM, TO)).isEqualTo(250));
    assertThat(lines).hasSize(2);
    long received = Long.parseLong(lines.getFirst().split(" ", -1)[3]);
    long said = Long.parseLong(lines.getLast().split(" ", -1)[2]);
    assertThat(said - received).isGreaterThanOrEqualTo(30_000);
  }

  @Test
  void whomItPutsOffWithoutEndIsHeldUntilItIsThrough() throws Exception {
    var lines =
        play(
            "rcpt to=s1-0.0@* time=1-2 per=to 450 4.7.1 greylisted",
            sink -> {
              assertThat(session(sink, FROM, TO)).isEqualTo(450);
              assertThat(session(sink, FROM, TO)).isEqualTo(450);
              assertThat(session(sink, FROM, TO)).isEqualTo(250);
            });
    assertThat(lines).hasSize(4);
    assertThat(lines).startsWith("held MICROS rcpt " + TO, "freed MICROS rcpt " + TO);
  }

  @Test
  void whoIsHeldAtMailOrBeforeIsNamedAsFarAsKnown() throws Exception {
    assertThat(play("mail 451 4.3.0 no", sink -> session(sink, FROM, TO)))
        .containsExactly("held MICROS mail " + FROM);
  }

  @Test
  void nobodyIsNamedBeforeMail() throws Exception {
    assertThat(play("connect silence", sink -> session(sink, FROM, TO)))
        .containsExactly("held MICROS connect -");
  }

  @Test
  void whomOthersHaveFreedIsFreedAtTheEnd() throws Exception {
    var lines =
        play(
            "rcpt time=1-3 450 4.2.1 later",
            sink -> {
              assertThat(session(sink, FROM, TO)).isEqualTo(450);
              assertThat(session(sink, FROM, OTHER)).isEqualTo(450);
              assertThat(session(sink, FROM, OTHER)).isEqualTo(450);
            });
    assertThat(lines)
        .containsExactly(
            "held MICROS rcpt " + TO,
            "held MICROS rcpt " + OTHER,
            "freed MICROS rcpt " + OTHER,
            "freed MICROS rcpt " + TO);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "rcpt to=s1-0.0@* time=1 550 5.1.1 no",
        "data time=1 550 5.7.0 no",
        "end time=1 550 5.6.0 no"
      })
  void refusedForGoodStaysRefusedAndIsRecordedEachTime(String rule) throws Exception {
    var lines =
        play(
            rule,
            sink -> {
              assertThat(session(sink, FROM, TO)).isEqualTo(550);
              assertThat(session(sink, FROM, TO)).isEqualTo(550);
              assertThat(session(sink, FROM, OTHER)).isEqualTo(250);
            });
    assertThat(lines.stream().filter(line -> line.startsWith("refused")))
        .containsExactly("refused MICROS 550 " + TO, "refused MICROS 550 " + TO);
  }

  @Test
  void senderRefusedForGoodIsRecorded() throws Exception {
    assertThat(
            play(
                "mail time=1 553 5.1.8 no",
                sink -> {
                  assertThat(session(sink, FROM, TO)).isEqualTo(553);
                  assertThat(session(sink, FROM, OTHER)).isEqualTo(553);
                }))
        .containsExactly("refused MICROS 553 " + FROM, "refused MICROS 553 " + FROM);
  }

  @Test
  void notificationIsNeverRefusedForGood() throws Exception {
    var lines =
        play(
            "mail 550 no\nrcpt 550 no\ndata 550 no\nend 550 no",
            sink -> assertThat(session(sink, "", FROM)).isEqualTo(250));
    assertThat(lines).hasSize(2);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "noop say 250 never ended",
        "connect 554 5.3.2 no",
        "ehlo 502 5.5.1 no",
        "data 250 what",
        "rcpt 354 what",
        "end 650 what"
      })
  void whatCannotBeJudgedIsRefused(String rule) {
    var script = Script.parse("rules", "end close\n" + rule);
    assertThatThrownBy(() -> script.examine(SinkScript::objection))
        .isInstanceOf(BadScript.class)
        .hasMessageStartingWith("rules:2: ");
  }

  @Test
  void exampleInTheDocumentsCanBeJudged() throws IOException {
    var script = Script.read(Path.of("../docs/torture.script"));
    script.examine(SinkScript::objection);
    assertThat(script.isOrdinary()).isFalse();
  }
}
