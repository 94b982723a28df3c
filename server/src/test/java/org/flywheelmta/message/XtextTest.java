package org.flywheelmta.message;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/** Octets and characters in parameters of SMTP. */
class XtextTest {
  private static final int SEEDS = 2_000;

  @Test
  void whatIsEncodedIsPrintableAndDecodesToItself() {
    for (long seed = 1; seed <= SEEDS; seed++) {
      var random = new SplittableRandom(seed);
      var text = new StringBuilder();
      for (int i = random.nextInt(40); i > 0; i--) {
        text.append((char) (' ' + random.nextInt(95)));
      }
      var encoded = Xtext.encode(text.toString());
      assertThat(Xtext.isPrintable(encoded)).as("seed %d, of XtextTest", seed).isTrue();
      assertThat(Xtext.decode(encoded))
          .as("seed %d, of XtextTest", seed)
          .isEqualTo(text.toString());
    }
  }

  @Test
  void escapedAddressesAreAddressesOfTheirType() {
    for (var address :
        new String[] {"\u00fc@b\u00fccher.example", "a\\b@c", "+=@x", "\ud83d\ude00@x"}) {
      var escaped = Xtext.encodeUtf8Address(address);
      assertThat(Xtext.isUtf8Address(escaped, false)).as(escaped).isTrue();
      assertThat(Xtext.escapeUtf8Address(escaped)).as("as it is").isEqualTo(escaped);
    }
    assertThat(Xtext.encodeUtf8Address("\ud83d\ude00+\\")).isEqualTo("\\x{1F600}\\x{2B}\\x{5C}");
  }
}
