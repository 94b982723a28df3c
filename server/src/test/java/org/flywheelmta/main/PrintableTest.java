package org.flywheelmta.main;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

final class PrintableTest {
  @Test
  void lettersOfEveryScriptStand() {
    var text = "a b~ \u00fc\u00e9 \u7528\u6237 \ud83d\udca9";
    assertThat(Printable.of(text)).isEqualTo(text);
  }

  @Test
  void whatCouldActOnATerminalDoesNot() {
    assertThat(Printable.of("a\u001b[2Jb\r\n\u007f\u0085\u2028\u202e\ud800c"))
        .isEqualTo("a?[2Jb??????" + "?c");
  }
}
