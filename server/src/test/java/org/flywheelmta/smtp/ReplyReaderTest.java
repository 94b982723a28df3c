package org.flywheelmta.smtp;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.Unpooled;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.flywheelmta.smtp.ReplyReader.Lines;
import org.flywheelmta.smtp.ReplyReader.Progress;
import org.junit.jupiter.api.Test;

class ReplyReaderTest {
  private static final String DIALOGUE =
      String.join(
          "\r\n",
          "220 peer",
          "250-peer",
          "250-SIZE 100",
          "250 PIPELINING",
          "250",
          "354 go",
          "550-5.1.1 no such",
          "550-5.1.1 user",
          "550 5.1.1",
          "");

  private static List<PeerReply> replies(ReplyReader reader, byte[]... pieces) {
    var replies = new ArrayList<PeerReply>();
    for (var piece : pieces) {
      var input = Unpooled.wrappedBuffer(piece);
      var progress = reader.read(input, Lines.IGNORED);
      for (; progress == Progress.REPLY; progress = reader.read(input, Lines.IGNORED)) {
        replies.add(reader.reply());
      }
      assertThat(progress).as(reader.complaint()).isEqualTo(Progress.MORE);
    }
    return replies;
  }

  private static ReplyReader reader() {
    return new ReplyReader(2048, 128);
  }

  private static byte[] octets(String text) {
    return text.getBytes(StandardCharsets.ISO_8859_1);
  }

  private static PeerReply reply(String text) {
    return replies(reader(), octets(text + "\r\n")).getFirst();
  }

  private static String complaint(String text) {
    var reader = new ReplyReader(40, 4);
    assertThat(reader.read(Unpooled.wrappedBuffer(octets(text)), Lines.IGNORED))
        .isEqualTo(Progress.MALFORMED);
    // Nothing makes sense after that.
    assertThat(reader.read(Unpooled.wrappedBuffer(octets("250 OK\r\n")), Lines.IGNORED))
        .isEqualTo(Progress.MALFORMED);
    return reader.complaint();
  }

  @Test
  void repliesAreTheSameHoweverTheyAreCutIntoPackets() {
    var whole = octets(DIALOGUE);
    var expected =
        List.of(
            new PeerReply(220, "", "peer"),
            new PeerReply(250, "", "peer SIZE 100 PIPELINING"),
            new PeerReply(250, "", ""),
            new PeerReply(354, "", "go"),
            new PeerReply(550, "5.1.1", "no such user"));
    for (int first = 0; first <= whole.length; first++) {
      for (int second = first; second <= whole.length; second++) {
        var pieces =
            new byte[][] {
              Arrays.copyOfRange(whole, 0, first),
              Arrays.copyOfRange(whole, first, second),
              Arrays.copyOfRange(whole, second, whole.length)
            };
        assertThat(replies(reader(), pieces)).isEqualTo(expected);
      }
    }
  }

  @Test
  void enhancedCodeOfAnotherClassIsText() {
    assertThat(reply("250 5.1.1 odd")).isEqualTo(new PeerReply(250, "", "5.1.1 odd"));
    assertThat(reply("354 3.0.0 odd")).isEqualTo(new PeerReply(354, "", "3.0.0 odd"));
  }

  @Test
  void enhancedCodeEndsWhereItShould() {
    assertThat(reply("550 5.7.509 x").enhanced()).isEqualTo("5.7.509");
    assertThat(reply("550 5.7.5091 x").enhanced()).isEmpty();
    assertThat(reply("550 5.7.1: x").enhanced()).isEmpty();
    assertThat(reply("550 5.7. x").enhanced()).isEmpty();
    assertThat(reply("550 5.7.1")).isEqualTo(new PeerReply(550, "5.7.1", ""));
  }

  @Test
  void textIsMadePrintable() {
    assertThat(reply("550 a\u0000b\u001b[0m\tc").text()).isEqualTo("a?b?[0m?c");
    assertThat(reply("550 gr\u00fc\u00df").text()).isEqualTo("gr\u00fc\u00df");
    var utf8 =
        new String("gr\u00fc\u202e".getBytes(StandardCharsets.UTF_8), StandardCharsets.ISO_8859_1);
    assertThat(reply("550 " + utf8).text()).isEqualTo("gr\u00fc?");
  }

  @Test
  void textIsCutAtItsLimit() {
    var line = "x".repeat(400);
    assertThat(reply("550-" + line + "\r\n550 " + line).text())
        .isEqualTo(line + " " + "x".repeat(ReplyText.MAX_CHARACTERS - 401));
  }

  @Test
  void aLoneLineFeedEndsNothing() {
    assertThat(complaint("550 user <x\n250 OK>\r\n")).contains("without CR");
  }

  @Test
  void aLoneCarriageReturnIsText() {
    assertThat(reply("550 a\r250 OK\r").text()).isEqualTo("a?250 OK?");
  }

  @Test
  void whatIsNoReplyIsMalformed() {
    assertThat(complaint("hello\r\n")).contains("reply code");
    assertThat(complaint("25\r\n")).contains("reply code");
    assertThat(complaint("\r\n")).contains("reply code");
    assertThat(complaint("650 x\r\n")).contains("reply code");
    assertThat(complaint("150 x\r\n")).contains("reply code");
    assertThat(complaint("250x\r\n")).contains("neither space nor hyphen");
    assertThat(complaint("250-a\r\n251 b\r\n")).contains("250 and 251");
  }

  @Test
  void limitsHold() {
    assertThat(complaint("250 " + "x".repeat(37))).contains("more than 40 octets");
    assertThat(complaint("250-\r\n".repeat(5))).contains("more than 4 lines");
    assertThat(replies(new ReplyReader(40, 4), octets("250 " + "x".repeat(36) + "\r\n")))
        .hasSize(1);
    assertThat(replies(new ReplyReader(40, 4), octets("250-\r\n".repeat(3) + "250\r\n")))
        .hasSize(1);
  }
}
