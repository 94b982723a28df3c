package org.flywheelmta.smtp;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.Unpooled;
import java.util.Arrays;
import java.util.SplittableRandom;
import org.flywheelmta.sim.Seeds;
import org.junit.jupiter.api.Test;

/** Line breaks found many octets at a time, against a search one octet at a time. */
final class LineBreaksTest {
  private static final byte[] OCTETS = {'\r', '\n', 0, 1, 9, 11, 12, 14, 'x', 127, -128, -118, -1};

  @Test
  void breaksAndHighOctetsAreThoseOfANaiveSearch() {
    Seeds.upTo(2_000)
        .forEach(
            seed -> {
              var random = new SplittableRandom(seed);
              var octets = new byte[random.nextInt(120)];
              // Few breaks, so that runs reach over several strides.
              for (int i = 0; i < octets.length; i++) {
                boolean any = random.nextInt(30) == 0;
                octets[i] = any ? OCTETS[random.nextInt(OCTETS.length)] : (byte) 'y';
              }
              int from = random.nextInt(octets.length + 1);
              int to = from + random.nextInt(octets.length - from + 1);
              check(octets, from, to, Seeds.replayCommand(LineBreaksTest.class, seed));
            });
  }

  @Test
  void anyOctetAtAnyPlaceIsToldApart() {
    for (int place = 0; place < 80; place++) {
      for (int octet = 0; octet < 256; octet++) {
        var octets = new byte[80];
        Arrays.fill(octets, (byte) 'y');
        octets[place] = (byte) octet;
        check(octets, 0, 80, place + ": " + octet);
      }
    }
  }

  private static void check(byte[] octets, int from, int to, String what) {
    int expected = from;
    boolean eightBit = false;
    while (expected < to && octets[expected] != '\r' && octets[expected] != '\n') {
      eightBit |= octets[expected++] < 0;
    }
    var input = Unpooled.wrappedBuffer(octets);
    var breaks = new LineBreaks();
    assertThat(breaks.next(input, from, to)).as(what).isEqualTo(expected);
    assertThat(breaks.eightBit()).as(what).isEqualTo(eightBit);
    input.release();
  }
}
