package org.flywheelmta.smtp;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.json.JsonFactory;

/**
 * The end of a mail through whole sessions: one message or one refusal, never two, and the session
 * goes on as if nothing had happened.
 */
final class EndOfDataTest {
  private static final String CORPORA = "FLYWHEEL_CORPORA";
  private static final String REPAIR = "lone_line_breaks = repair";
  private static final String REJECT = "lone_line_breaks = reject";

  /** One session after the other on one stage. */
  private static final class Sessions {
    final SmtpStage stage;
    final boolean repair;

    Sessions(String policy) {
      stage = SmtpStage.plan().with(policy).with("trace_headers = false").start();
      repair = policy.equals(REPAIR);
    }

    /** Sends {@code data} up to and with an end of data, in pieces that end before the indexes. */
    void check(String data, int... ends) {
      var text = SmtpStage.ENVELOPE + "DATA\r\n";
      int from = text.length();
      text += data + "NOOP\r\nQUIT\r\n";
      int kept = stage.spool.kept.size();
      var caller = stage.call();
      int start = 0;
      for (int end : ends) {
        caller.say(text.substring(start, from + end));
        stage.world.run(5_000_000);
        start = from + end;
      }
      caller.say(text.substring(start));
      boolean closed = stage.world.runUntil(caller::closed, 10 * SmtpStage.SECOND);
      assertThat(closed).as("closed").isTrue();

      var expected = MailText.of(data, repair);
      boolean refused = expected.loneBreak() && !repair;
      var codes = new ArrayList<>(SmtpStage.ENVELOPE_CODES);
      codes.add("354");
      codes.add(refused ? "554 5.6.0" : "250 2.0.0");
      // What comes behind the first end is commands, each line of which gets one answer.
      var rest = data.substring(expected.consumed());
      while (!rest.isEmpty()) {
        int end = rest.indexOf("\r\n");
        var line = rest.substring(0, end);
        boolean wellFormed = line.chars().allMatch(c -> c >= ' ' && c < 127);
        codes.add(wellFormed ? "500 5.5.1" : "500 5.5.2");
        rest = rest.substring(end + 2);
      }
      codes.add("250 2.0.0");
      codes.add("221 2.0.0");
      assertThat(caller.codes()).isEqualTo(codes);
      assertThat(stage.spool.kept).hasSize(kept + (refused ? 0 : 1));
      if (!refused) {
        var content = stage.spool.kept.getLast().content();
        assertThat(MailText.show(content)).isEqualTo(MailText.show(expected.content()));
        var shape = stage.handedOver.getLast().transaction().shape();
        assertThat(shape.eightBitHeader()).isEqualTo(expected.eightBitHeader());
      }
      stage.takeMessages();
    }

    void checkShown(String data, int... ends) {
      try {
        check(data, ends);
      } catch (AssertionError wrong) {
        throw new AssertionError(MailText.show(data) + ": " + wrong.getMessage(), wrong);
      }
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {REJECT, REPAIR})
  void everyTailOfFiveOctetsIsOneMailOrOneRefusal(String policy) {
    var sessions = new Sessions(policy);
    for (var tail : MailText.matrix()) {
      sessions.checkShown("body" + tail + "\r\n.\r\n");
    }
    sessions.stage.checkNothingIsLeft();
  }

  @ParameterizedTest
  @ValueSource(strings = {REJECT, REPAIR})
  void everyHeadOfThreeOctetsIsOneMailOrOneRefusal(String policy) {
    var sessions = new Sessions(policy);
    for (var head : MailText.matrix()) {
      if (head.length() <= 3) {
        sessions.checkShown(head + "\r\n.\r\n");
      }
    }
    sessions.stage.checkNothingIsLeft();
  }

  @ParameterizedTest
  @ValueSource(strings = {REJECT, REPAIR})
  void everyTailOfFewOctetsInTinyPieces(String policy) {
    var sessions = new Sessions(policy);
    sessions.stage.cut(2);
    for (var tail : MailText.matrix()) {
      if (tail.length() <= 3) {
        sessions.checkShown("body" + tail + "\r\n.\r\n");
      }
    }
    sessions.stage.checkNothingIsLeft();
  }

  @ParameterizedTest
  @ValueSource(strings = {REJECT, REPAIR})
  void headerBeyondAsciiIsToldFromABodyBeyondAscii(String policy) {
    var sessions = new Sessions(policy);
    for (var data :
        List.of(
            "a\u00e9b\r\n\r\nxyz\r\n.\r\n",
            "abc\r\n\r\nx\u00e9z\r\n.\r\n",
            "\r\n\u00e9\r\n.\r\n",
            "abc\r\n..\u00e9\r\n.\r\n")) {
      for (int first = 0; first <= data.length(); first++) {
        for (int second = first; second <= data.length(); second++) {
          sessions.checkShown(data, first, second);
        }
      }
    }
    sessions.stage.checkNothingIsLeft();
  }

  @Test
  void checkFindsASecondMail() {
    var sessions = new Sessions(REJECT);
    sessions.stage.call(SmtpStage.ENVELOPE + "DATA\r\nx\r\n.\r\n" + SmtpStage.MAIL + "QUIT\r\n");
    assertThat(sessions.stage.spool.kept).hasSize(2);
  }

  @Tag("corpora")
  @ParameterizedTest
  @ValueSource(strings = {REJECT, REPAIR})
  void publishedSmugglingSequencesNeverMakeTwoMails(String policy) throws Exception {
    var sessions = new Sessions(policy);
    var sequences = inboundSequences();
    assertThat(sequences).isNotEmpty();
    for (var sequence : sequences) {
      var smuggled = "body" + sequence + SmtpStage.MAIL.replace(".\r\n", "") + "\r\n.\r\n";
      int from = 4;
      for (int first = from; first <= from + sequence.length(); first++) {
        for (int second = first; second <= from + sequence.length(); second++) {
          sessions.checkShown(smuggled, first, second);
        }
      }
      var each = new int[sequence.length()];
      for (int i = 0; i < each.length; i++) {
        each[i] = from + i + 1;
      }
      sessions.checkShown(smuggled, each);
    }
    sessions.stage.checkNothingIsLeft();
  }

  private static List<String> inboundSequences() throws Exception {
    var folder = System.getenv(CORPORA);
    assertThat(folder).as("the environment's " + CORPORA).isNotNull();
    var file = Path.of(folder, "smtp", "smuggling-eod-sequences.json");
    var sequences = new ArrayList<String>();
    try (var parser =
        new JsonFactory()
            .createParser(
                ObjectReadContext.empty(), Files.readString(file, StandardCharsets.UTF_8))) {
      boolean inbound = false;
      for (var token = parser.nextToken(); token != null; token = parser.nextToken()) {
        if (token == JsonToken.PROPERTY_NAME) {
          inbound = parser.currentName().equals("inbound");
        } else if (token == JsonToken.VALUE_STRING && inbound) {
          sequences.add(parser.getString());
        }
      }
    }
    return sequences;
  }
}
