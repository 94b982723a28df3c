package org.flywheelmta.smtp;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.Objects;
import java.util.SplittableRandom;
import org.flywheelmta.sim.Seeds;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Our reading of UTF-8 against the decoder of the JDK, which refuses what RFC 3629 refuses. */
final class Utf8Test {
  /** Where the rules for an octet change, and one of each side. */
  private static final int[] EDGES = {
    0x00, 0x41, 0x7f, 0x80, 0x8f, 0x90, 0x9f, 0xa0, 0xbf, 0xc0, 0xc2, 0xe0, 0xff
  };

  /** The text, read by characters; null where one is ill-formed. */
  private static @Nullable String read(ByteBuf octets) {
    var text = new StringBuilder();
    int index = octets.readerIndex();
    while (index < octets.writerIndex()) {
      int character = Utf8.character(octets, index, octets.writerIndex());
      if (character == Utf8.ILL_FORMED) {
        return null;
      }
      text.appendCodePoint(character);
      index += Utf8.length(character);
    }
    assertThat(index).isEqualTo(octets.writerIndex());
    return text.toString();
  }

  private static @Nullable String byTheJdk(byte[] octets) {
    try {
      return StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(octets)).toString();
    } catch (CharacterCodingException illFormed) {
      return null;
    }
  }

  private static void check(byte[] octets) {
    var expected = byTheJdk(octets);
    var read = read(Unpooled.wrappedBuffer(octets));
    // Not by assertThat: there are too many of them.
    if (!Objects.equals(read, expected)) {
      assertThat(read).as(HexFormat.of().formatHex(octets)).isEqualTo(expected);
    }
  }

  @Test
  void sequencesAtEveryEdgeReadAsByTheJdk() {
    for (int first = 0; first < 256; first++) {
      check(new byte[] {(byte) first});
      for (int second = 0; second < 256; second++) {
        check(new byte[] {(byte) first, (byte) second});
        for (int third : EDGES) {
          check(new byte[] {(byte) first, (byte) second, (byte) third});
        }
      }
      for (int second : EDGES) {
        for (int third : EDGES) {
          for (int fourth : EDGES) {
            check(new byte[] {(byte) first, (byte) second, (byte) third, (byte) fourth});
          }
        }
      }
    }
  }

  @Test
  void everyCharacterReadsAsItself() {
    for (int character = 0; character <= Character.MAX_CODE_POINT; character++) {
      var octets = new String(Character.toChars(character)).getBytes(StandardCharsets.UTF_8);
      boolean surrogate = Character.getType(character) == Character.SURROGATE;
      int read = Utf8.character(Unpooled.wrappedBuffer(octets), 0, octets.length);
      if (!surrogate && read != character) {
        assertThat(read).isEqualTo(character);
      }
    }
  }

  @Test
  void anyOctetsReadAsByTheJdk() {
    Seeds.upTo(20_000)
        .forEach(
            seed -> {
              var random = new SplittableRandom(seed);
              var text = new StringBuilder();
              for (int i = random.nextInt(6); i >= 0; i--) {
                text.appendCodePoint(random.nextInt(1 << random.nextInt(1, 21)));
              }
              var octets = text.toString().getBytes(StandardCharsets.UTF_8);
              if (random.nextInt(3) > 0) {
                octets[random.nextInt(octets.length)] = (byte) random.nextInt(256);
              }
              try {
                check(octets);
              } catch (AssertionError wrong) {
                throw new AssertionError(
                    Seeds.replayCommand(Utf8Test.class, seed) + ": " + wrong.getMessage(), wrong);
              }
            });
  }

  @Test
  void overlongFormIsNoCharacterByItself() {
    for (var form : new String[] {"c080", "c1bf", "e08080", "e09fbf", "f0808080", "f08fbfbf"}) {
      var octets = HexFormat.of().parseHex(form);
      assertThat(Utf8.character(Unpooled.wrappedBuffer(octets), 0, octets.length))
          .as(form)
          .isEqualTo(Utf8.ILL_FORMED);
    }
  }

  @Test
  void characterThatItsEndCutsOffIsIllFormed() {
    var octets = "\ud83d\udca9".getBytes(StandardCharsets.UTF_8);
    var buffer = Unpooled.wrappedBuffer(octets);
    for (int end = 1; end < octets.length; end++) {
      assertThat(Utf8.character(buffer, 0, end)).isEqualTo(Utf8.ILL_FORMED);
    }
  }
}
