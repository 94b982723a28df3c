package org.flywheelmta.auth;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The exchanges of RFC 7677 section 3 and RFC 5802 section 5, octet by octet, at both ends. */
final class ScramVectorsTest {
  private static final String VECTORS =
      """
      SHA_256 | rOprNGfwEbeRWgbNEkqO | %hvYDpWUa2RaTCAfuxFIlj)hNlF$k0 | W22ZaJ0SNY7soEsUEjb6gQ== | dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ= | 6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4=
      SHA_1 | fyko+d2lbbFgONRv9qkxdawL | 3rfcNHYJY1ZVvWVs7j | QSXCR+Q6sek8bf92 | v0X8v3Bz2T0CJGbJQyF0X+HI4Ts= | rmF9pqV8S7suAoZWja4dJRkFsKQ=
      """;

  @ParameterizedTest
  @CsvSource(delimiter = '|', textBlock = VECTORS)
  void serverSpeaksAsTheStandardDoes(
      ScramHash hash,
      String clientNonce,
      String serverNonce,
      String salt,
      String proof,
      String signature) {
    var server = new ScramServer(hash, false, false, List.of(), serverNonce);
    assertThat(server.onMessage(AuthStage.octets("n,,n=user,r=" + clientNonce)))
        .isEqualTo(new Step.Keys("user", "", hash));
    var keys = ScramKeys.derive(hash, "pencil", Base64.getDecoder().decode(salt), 4096);
    assertThat(server.onKeys(keys))
        .isEqualTo(new Step.Challenge("r=" + clientNonce + serverNonce + ",s=" + salt + ",i=4096"));
    var last = "c=biws,r=" + clientNonce + serverNonce + ",p=" + proof;
    assertThat(server.onMessage(AuthStage.octets(last)))
        .isEqualTo(new Step.Proven("v=" + signature));
  }

  @ParameterizedTest
  @CsvSource(delimiter = '|', textBlock = VECTORS)
  void clientSpeaksAsTheStandardDoes(
      ScramHash hash,
      String clientNonce,
      String serverNonce,
      String salt,
      String proof,
      String signature) {
    var stage = new AuthStage();
    var account = Objects.requireNonNull(ClientAccount.password("user", "pencil"));
    var client = new ScramClient(account, hash, clientNonce);
    assertThat(client.initialResponse()).isEqualTo("n,,n=user,r=" + clientNonce);
    var answers = new ArrayList<SaslClient.Answer>();
    var first = "r=" + clientNonce + serverNonce + ",s=" + salt + ",i=4096";
    stage.on(
        () ->
            client.onChallenge(
                AuthStage.octets(first), stage.scheduler(), stage.pool, answers::add));
    assertThat(answers).isEmpty();
    stage.pool.run();
    stage.schedulers.run();
    assertThat(answers)
        .containsExactly(
            new SaslClient.Answer.Response(
                "c=biws,r=" + clientNonce + serverNonce + ",p=" + proof));
    assertThat(client.mayTrust(AuthStage.octets("v=" + signature))).isTrue();
  }
}
