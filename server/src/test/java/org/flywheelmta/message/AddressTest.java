package org.flywheelmta.message;

import static org.assertj.core.api.Assertions.assertThat;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What an address is by its octets, and what it is called where only ASCII is understood. */
final class AddressTest {
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      nullValues = "-",
      textBlock =
          """
          a@X.test             | x.test               | a@X.test
          a@B\u00dccher.test   | xn--bcher-kva.test   | a@xn--bcher-kva.test
          "@\\""@b\u00fc.test  | xn--b-eha.test       | "@\\""@xn--b-eha.test
          \u00e9@X.test        | x.test               | -
          \u00e9@\u00fc.test   | xn--tda.test         | -
          a@-\u00dc.test       | -\u00fc.test         | -
          \u00e9               | ''                   | -
          postmaster           | ''                   | postmaster
          ''                   | ''                   | ''
          """)
  void domainsHaveOneFormAndAddressesOneInAsciiOrNone(
      String text, String domain, @Nullable String ascii) {
    var address = Address.of(text);
    assertThat(address.domain()).isEqualTo(domain);
    assertThat(address.isRoutable()).isEqualTo(!domain.startsWith("-"));
    var written = address.ascii();
    assertThat(written == null ? null : written.toString()).isEqualTo(ascii);
    assertThat(address.toString()).isEqualTo(text);
    if (written != null) {
      assertThat(written.domain()).isEqualTo(domain);
      assertThat(written.needsUtf8()).isFalse();
      assertThat(written.localPart().toString()).isEqualTo(address.localPart().toString());
    }
  }

  @Test
  void octetsThatAreNoUtf8HaveNoDomain() {
    var address = Address.of(new byte[] {'a', '@', (byte) 0xe9, '.', 't'});
    assertThat(address.isRoutable()).isFalse();
    assertThat(address.ascii()).isNull();
  }
}
