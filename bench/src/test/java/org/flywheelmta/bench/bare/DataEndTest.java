package org.flywheelmta.bench.bare;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.Unpooled;
import java.nio.charset.StandardCharsets;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class DataEndTest {
  private static final String ALPHABET = "\r\n.a";

  /** C is CR, L is LF; the end is where the bar stands, if there is one. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        ".CL|",
        "aCL.CL|",
        "aCL.CL|MAIL",
        "aCCL.CL|",
        "aCL.CCL.CL|",
        ".aCL.CL|",
        "..CL.CL|",
        "aL.LCL.CL|",
        "a.CL.CL|",
        "CL.CL|",
        "aL.CL",
        "aCL.L",
        "aC.CL",
        "a.CL",
        "aCL..CL",
        "CCL.C"
      })
  void theEndIsFoundUnderEveryDivision(String words) {
    var text = words.replace("C", "\r").replace("L", "\n");
    int end = text.indexOf('|');
    var octets = text.replace("|", "");
    for (int first = 0; first <= octets.length(); first++) {
      for (int second = first; second <= octets.length(); second++) {
        assertThat(find(octets, first, second))
            .as("%s at %d, %d", words, first, second)
            .isEqualTo(end);
      }
    }
  }

  @ParameterizedTest
  @CsvSource({"1", "2", "3"})
  void whatIsFoundIsWhatALookAtTheWholeFinds(long seed) {
    var random = new Random(seed);
    for (int i = 0; i < 5_000; i++) {
      var text = new StringBuilder();
      for (int length = random.nextInt(24); length > 0; length--) {
        text.append(ALPHABET.charAt(random.nextInt(ALPHABET.length())));
      }
      int first = random.nextInt(text.length() + 1);
      int second = first + random.nextInt(text.length() - first + 1);
      int whole = ("\r\n" + text).indexOf("\r\n.\r\n");
      assertThat(find(text.toString(), first, second))
          .as("seed %d, %s at %d, %d", seed, text, first, second)
          .isEqualTo(whole < 0 ? DataEnd.NONE : whole + 3);
    }
  }

  @Test
  void itBeginsAnewAfterTheEnd() {
    var end = new DataEnd();
    var buffer = Unpooled.copiedBuffer("a\r\n.\r\n.\r\n", StandardCharsets.US_ASCII);
    assertThat(end.find(buffer)).isEqualTo(6);
    assertThat(end.find(buffer.readerIndex(6))).isEqualTo(9);
  }

  private static int find(String text, int first, int second) {
    var end = new DataEnd();
    int before = 0;
    for (var part :
        new String[] {
          text.substring(0, first), text.substring(first, second), text.substring(second)
        }) {
      int found = end.find(Unpooled.copiedBuffer(part, StandardCharsets.US_ASCII));
      if (found != DataEnd.NONE) {
        return before + found;
      }
      before += part.length();
    }
    return DataEnd.NONE;
  }
}
