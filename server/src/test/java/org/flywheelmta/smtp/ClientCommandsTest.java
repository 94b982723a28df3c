package org.flywheelmta.smtp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.SplittableRandom;
import org.flywheelmta.base.BugException;
import org.flywheelmta.message.Address;
import org.flywheelmta.smtp.ClientCommands.MailParameters;
import org.junit.jupiter.api.Test;

class ClientCommandsTest {
  private static final int SEEDS = 5_000;
  private static final String ALPHABET = "ab@.\"\\<> \r\n\0\t\u007f\u00fc:,[]";

  private static String text(ByteBuf out) {
    return out.toString(StandardCharsets.UTF_8);
  }

  private static void assertOneLine(String line) {
    assertThat(line).endsWith("\r\n");
    assertThat(line.substring(0, line.length() - 2)).doesNotContain("\r", "\n", "\0");
  }

  @Test
  void mailNamesWhatIsOffered() {
    var out = Unpooled.buffer();
    ClientCommands.mail(
        out, Address.of("a@example.org"), new MailParameters(true, 123, true, true));
    assertThat(text(out))
        .isEqualTo("MAIL FROM:<a@example.org> SIZE=123 BODY=8BITMIME SMTPUTF8\r\n");
    out.clear();
    ClientCommands.mail(out, Address.NULL, new MailParameters(false, 123, false, false));
    assertThat(text(out)).isEqualTo("MAIL FROM:<>\r\n");
    out.release();
  }

  @Test
  void oneCallWritesOneLineOrNothing() {
    int fitting = 0;
    for (long seed = 1; seed <= SEEDS; seed++) {
      var random = new SplittableRandom(seed);
      var text = new StringBuilder();
      for (int i = random.nextInt(8); i >= 0; i--) {
        text.append(ALPHABET.charAt(random.nextInt(ALPHABET.length())));
      }
      var address = Address.of(text.toString());
      var out = Unpooled.buffer();
      if (ClientCommands.fits(address)) {
        fitting++;
        ClientCommands.rcpt(out, address);
        assertOneLine(text(out));
        out.clear();
        ClientCommands.mail(out, address, new MailParameters(true, 1, false, false));
        assertOneLine(text(out));
      } else {
        assertThatThrownBy(() -> ClientCommands.rcpt(out, address))
            .as("seed %s, of ClientCommandsTest", seed)
            .isInstanceOf(BugException.class);
        assertThat(out.isReadable()).isFalse();
      }
      out.release();
    }
    assertThat(fitting).isBetween(SEEDS / 100, SEEDS * 99 / 100);
  }

  @Test
  void addressesThatWouldBreakOutOfTheirBracketsDoNotFit() {
    for (var bad :
        List.of("a@b> SIZE=1", "a\r\nDATA@b", "a b@c", "\"a@b", "\"a\\\"@b", "<a@b", "\"\t\"@b")) {
      assertThat(ClientCommands.fits(Address.of(bad))).as(bad).isFalse();
    }
    for (var good :
        List.of("a@b", "\"a> b\"@c", "\"a\\\"b\"@c", "postmaster", "a@[IPv6:::1]", "")) {
      assertThat(ClientCommands.fits(Address.of(good))).as(good).isTrue();
    }
    assertThat(ClientCommands.fits(Address.of("x".repeat(255)))).isFalse();
  }
}
