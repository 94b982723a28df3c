package org.flywheelmta.auth;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What is offered follows from options and connection alone. */
final class MechanismTest {
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          false | false | false | '' | false | SCRAM-SHA-256 SCRAM-SHA-1
          true  | false | false | '' | false | SCRAM-SHA-256 SCRAM-SHA-1 PLAIN LOGIN
          false | true  | false | '' | false | SCRAM-SHA-256 SCRAM-SHA-1 PLAIN LOGIN
          false | true  | true  | '' | false | SCRAM-SHA-256-PLUS SCRAM-SHA-256 SCRAM-SHA-1 PLAIN LOGIN
          false | true  | true  | a  | true  | SCRAM-SHA-256-PLUS SCRAM-SHA-256 SCRAM-SHA-1 EXTERNAL OAUTHBEARER XOAUTH2 PLAIN LOGIN
          false | false | false | '' | true  | SCRAM-SHA-256 SCRAM-SHA-1
          """)
  void offersFollowFromOptionsAndConnection(
      boolean allowClear,
      boolean secure,
      boolean bound,
      String external,
      boolean tokens,
      String words) {
    var policy = new AuthPolicy(List.of(Mechanism.values()), allowClear);
    var bindings =
        bound
            ? List.of(new ChannelBinding("tls-exporter", AuthStage.octets("x")))
            : List.<ChannelBinding>of();
    var connection = new SaslConnection("", "", "", null, secure, external, bindings, false);
    var offered = Mechanism.offered(policy, connection, tokens);
    assertThat(String.join(" ", Mechanism.words(offered))).isEqualTo(words);
  }

  @Test
  void onlyWhatThePolicyNamesIsOffered() {
    var policy = new AuthPolicy(List.of(Mechanism.PLAIN, Mechanism.SCRAM_SHA_1), true);
    var connection = AuthStage.tls(AuthStage.ADDRESS);
    assertThat(Mechanism.offered(policy, connection, true))
        .containsExactly(Mechanism.SCRAM_SHA_1, Mechanism.PLAIN);
  }

  @Test
  void namesHaveNoCase() {
    assertThat(Mechanism.of("scram-sha-256-plus")).isEqualTo(Mechanism.SCRAM_SHA_256_PLUS);
    assertThat(Mechanism.of("CRAM-MD5")).isNull();
  }
}
