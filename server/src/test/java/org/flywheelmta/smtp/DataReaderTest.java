package org.flywheelmta.smtp;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.SplittableRandom;
import org.flywheelmta.sim.Seeds;
import org.junit.jupiter.api.Test;

/** What the reader of mail data makes of any octets, in any pieces. */
final class DataReaderTest {
  /** Reads {@code octets} in pieces that end before the given indexes. */
  private static final class Reading implements DataReader.Sink {
    final ByteArrayOutputStream content = new ByteArrayOutputStream();
    final DataReader reader;
    int consumed;
    boolean ended;

    Reading(boolean repair, byte[] octets, int... ends) {
      reader = new DataReader(repair);
      int from = 0;
      for (int i = 0; i <= ends.length && !ended; i++) {
        int to = i == ends.length ? octets.length : ends[i];
        // A buffer of its own: nothing may be looked up in what came before.
        var piece = Unpooled.copiedBuffer(octets, from, to - from);
        ended = reader.read(piece, this);
        consumed = from + piece.readerIndex();
        from = to;
        piece.release();
      }
    }

    @Override
    public void content(ByteBuf input, int index, int length) {
      for (int i = 0; i < length; i++) {
        content.write(input.getByte(index + i));
      }
    }

    @Override
    public void lineBreak() {
      content.writeBytes(new byte[] {'\r', '\n'});
    }

    String text() {
      return content.toString(StandardCharsets.ISO_8859_1);
    }
  }

  private static void check(boolean repair, MailText expected, byte[] octets, int... ends) {
    var reading = new Reading(repair, octets, ends);
    assertThat(reading.ended).isTrue();
    assertThat(reading.consumed).isEqualTo(expected.consumed());
    assertThat(reading.reader.loneBreak()).isEqualTo(expected.loneBreak());
    if (repair || !expected.loneBreak()) {
      assertThat(MailText.show(reading.text())).isEqualTo(MailText.show(expected.content()));
      assertThat(reading.reader.shape().dotLines()).isEqualTo(expected.dotLines());
      assertThat(reading.reader.shape().eightBit()).isEqualTo(expected.eightBit());
      assertThat(reading.reader.shape().eightBitHeader()).isEqualTo(expected.eightBitHeader());
      assertThat(reading.reader.receivedHeaders()).isEqualTo(expected.receivedHeaders());
    }
  }

  /** Whole, in every two pieces, and byte by byte. */
  private static void checkAllSplits(String text) {
    var octets = text.getBytes(StandardCharsets.ISO_8859_1);
    for (boolean repair : List.of(false, true)) {
      var expected = MailText.of(text, repair);
      try {
        check(repair, expected, octets);
        for (int i = 1; i < octets.length; i++) {
          check(repair, expected, octets, i);
        }
        var each = new int[octets.length - 1];
        for (int i = 0; i < each.length; i++) {
          each[i] = i + 1;
        }
        check(repair, expected, octets, each);
      } catch (AssertionError wrong) {
        throw new AssertionError(
            "repair " + repair + ": " + MailText.show(text) + ": " + wrong.getMessage(), wrong);
      }
    }
  }

  @Test
  void endsAtTheFirstCrlfDotCrlfAndNowhereElse() {
    for (var tail : MailText.matrix()) {
      checkAllSplits("body" + tail + "\r\n.\r\nQUIT\r\n");
    }
  }

  @Test
  void beginningOfDataIsTheBeginningOfALine() {
    for (var head : MailText.matrix()) {
      checkAllSplits(head + "\r\n.\r\nQUIT\r\n");
    }
  }

  @Test
  void linesOfTwoPartsEndWhereTheReferenceEnds() {
    for (var text :
        List.of(
            ".\r\n",
            "..\r\n.\r\n",
            "a\r\n..b\r\n...\r\n.\r\n",
            "Received: a\r\nreceived:b\r\nReceived\r\n\r\nReceived: c\r\n.\r\n",
            "RECEIVED:x\r\n..Received: no\r\n.Received: yes\r\n.\r\n",
            "\u00e9\r\n.\r\n",
            "\u00e9\r\n\r\nx\r\n.\r\n",
            "x\r\n\r\n\u00e9\r\n.\r\n",
            "\r\n\u00e9\r\n.\r\n",
            "x\r\n..\r\n.\u00e9\r\n\r\nx\r\n.\r\n",
            "x\r\r\u00e9\r\n.\r\n",
            "x\n\n\u00e9\r\n.\r\n",
            "12345678\r\n\r\n12345678\u00e9\r\n.\r\n",
            "1234567\u00e9\r\n\r\n12345678\r\n.\r\n",
            "12345678901\u00e9\r\n.\r\n")) {
      checkAllSplits(text);
    }
  }

  @Test
  void anyMailInAnyPiecesReadsAsByTheReference() {
    Seeds.upTo(300)
        .forEach(
            seed -> {
              var random = new SplittableRandom(seed);
              var text = MailText.random(random, 400) + "\r\n.\r\nrest";
              var octets = text.getBytes(StandardCharsets.ISO_8859_1);
              for (boolean repair : List.of(false, true)) {
                var ends = random.ints(random.nextInt(12), 0, octets.length).sorted().toArray();
                try {
                  check(repair, MailText.of(text, repair), octets, ends);
                } catch (AssertionError wrong) {
                  throw new AssertionError(
                      Seeds.replayCommand(DataReaderTest.class, seed) + ": " + wrong.getMessage(),
                      wrong);
                }
              }
            });
  }
}
