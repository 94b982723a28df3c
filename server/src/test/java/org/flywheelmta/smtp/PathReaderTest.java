package org.flywheelmta.smtp;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.Unpooled;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.SplittableRandom;
import org.flywheelmta.message.Address;
import org.flywheelmta.sim.Seeds;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Paths in angle brackets, good and bad. */
final class PathReaderTest {
  private static final String SYMBOLS =
      "<>@@..\"\\:,[] ab1-_;|$`\r\n\0\u00c3\u00a9\u00e9\u00c2\u0085\u00ed\u00a0\u0080\u007f";

  private static @Nullable Address address(String text) {
    var line = Unpooled.copiedBuffer(text, StandardCharsets.ISO_8859_1);
    var reader = new PathReader(line, 0, line.writerIndex());
    var address = reader.read();
    assertThat(reader.index()).isBetween(0, line.writerIndex());
    line.release();
    return address;
  }

  private static @Nullable String read(String text) {
    var address = address(text);
    return address == null
        ? null
        : new String(address.octets(), StandardCharsets.ISO_8859_1)
            + " "
            + address.localPart()
            + " "
            + address.domain();
  }

  /** The address of a path that was read: what is left without brackets and source route. */
  private static String addressIn(String path) {
    var address = path.substring(1, path.lastIndexOf('>'));
    return address.startsWith("@") ? address.substring(address.indexOf(':') + 1) : address;
  }

  /** Whether the JDK reads the octets as UTF-8 without a complaint. */
  private static boolean isUtf8(byte[] octets) {
    try {
      return StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(octets)).hasArray();
    } catch (CharacterCodingException illFormed) {
      return false;
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      nullValues = "-",
      quoteCharacter = '\'',
      textBlock =
          """
          <a@X.test>            | a@X.test a x.test
          <a>                   | 'a a '
          <>                    | '  '
          <@r.test:a@x.test>    | a@x.test a x.test
          <@r,@s.t:a@x.test>    | a@x.test a x.test
          <"a@b"@x.test>        | "a@b"@x.test "a@b" x.test
          <"a@b">               | '"a@b" "a@b" '
          <"a\\"b"@x>           | "a\\"b"@x "a\\"b" x
          <a@[127.0.0.1]>       | a@[127.0.0.1] a [127.0.0.1]
          <a..b@x>              | a..b@x a..b x
          <@r.test>             | -
          <@r.test,a@x>         | -
          <@:a@x>               | -
          <a@x                  | -
          a@x>                  | -
          <a@-x;>               | -
          <a@"x">               | -
          <a @x>                | -
          <"a"b@x>              | -
          <"a                   | -
          <"a\\                 | -
          <a@b@x>               | -
          <@>                   | -
          <<a@x>>               | -
          """)
  void pathsReadAsWritten(String text, @Nullable String expected) {
    assertThat(read(text)).isEqualTo(expected);
  }

  @Test
  void whateverIsReadIsPlainAndReadsTheSameAgain() {
    Seeds.upTo(20_000)
        .forEach(
            seed -> {
              var random = new SplittableRandom(seed);
              var text = new StringBuilder("<");
              for (int i = random.nextInt(14); i > 0; i--) {
                text.append(SYMBOLS.charAt(random.nextInt(SYMBOLS.length())));
              }
              text.append(random.nextBoolean() ? "@b.a>" : ">");
              var read = read(text.toString());
              var address = address(text.toString());
              if (read != null && address != null) {
                assertThat(read)
                    .as(Seeds.replayCommand(PathReaderTest.class, seed) + " " + text)
                    .doesNotContain("\r", "\n", "\0", "\u007f");
                assertThat(isUtf8(address.octets())).as(text.toString()).isTrue();
                assertThat(read("<" + addressIn(text.toString()) + ">")).isEqualTo(read);
              }
            });
  }
}
