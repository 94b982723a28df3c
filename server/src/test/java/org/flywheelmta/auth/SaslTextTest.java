package org.flywheelmta.auth;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class SaslTextTest {
  @ParameterizedTest
  @CsvSource({"I\u00adX, IX", "user, user", "USER, USER", "\u00aa, a", "\u2168, IX"})
  void examplesOfTheStandardAreMapped(String text, String prepared) {
    assertThat(SaslText.prepared(text)).isEqualTo(prepared);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "\u0007", "a\u0000", "\u06271", "\u00ad", "\u200e", "\ud800"})
  void whatTheStandardProhibitsIsNoText(String text) {
    assertThat(SaslText.prepared(text)).isNull();
  }

  @Test
  void characterOfALaterUnicodeStaysAsItIs() {
    assertThat(SaslText.prepared("\ud83d\ude00")).isEqualTo("\ud83d\ude00");
  }

  @Test
  void lengthsCountOctets() {
    assertThat(SaslText.name("a".repeat(255))).isNotNull();
    assertThat(SaslText.name("a".repeat(256))).isNull();
    assertThat(SaslText.name("\u00e4".repeat(128))).isNull();
    assertThat(SaslText.password("a".repeat(1_024))).isNotNull();
    assertThat(SaslText.password("a".repeat(1_025))).isNull();
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "0", "01", "-1", "+1", "1a", "4097", "4294967297", "1.0"})
  void numberThatIsNoneIsTold(String digits) {
    assertThat(SaslText.number(digits, 4_096)).isEqualTo(-1);
  }

  @ParameterizedTest
  @ValueSource(strings = {"a", "ab", "abc", "ab=", "a===", "ab\n=", "*bc="})
  void base64IsExact(String text) {
    assertThat(SaslText.base64(text)).isNull();
  }

  @Test
  void octetsThatAreNoUtf8AreNoText() {
    assertThat(SaslText.utf8(new byte[] {(byte) 0xc0, (byte) 0x80}, 0, 2)).isNull();
    assertThat(SaslText.utf8(new byte[] {'a', (byte) 0xe4}, 0, 2)).isNull();
  }
}
