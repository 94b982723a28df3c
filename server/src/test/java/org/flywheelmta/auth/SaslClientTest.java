package org.flywheelmta.auth;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** This server as the client of another one, and of itself. */
final class SaslClientTest {
  private final AuthStage stage = new AuthStage();
  private final ClientAccount alice =
      Objects.requireNonNull(ClientAccount.password("alice", "wonderland"));

  private List<SaslClient.Answer> answers(SaslClient client, byte[] challenge) {
    var answers = new ArrayList<SaslClient.Answer>();
    stage.on(() -> client.onChallenge(challenge, stage.scheduler(), stage.pool, answers::add));
    stage.pool.run();
    stage.schedulers.run();
    return answers;
  }

  private SaslClient.Answer answer(SaslClient client, String challenge) {
    var answers = answers(client, AuthStage.octets(challenge));
    assertThat(answers).hasSize(1);
    return answers.getFirst();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          PLAIN LOGIN SCRAM-SHA-1 SCRAM-SHA-256 | true  | SCRAM_SHA_256
          plain login scram-sha-1               | true  | SCRAM_SHA_1
          LOGIN PLAIN                           | true  | PLAIN
          LOGIN CRAM-MD5                        | true  | LOGIN
          PLAIN LOGIN SCRAM-SHA-1               | false | SCRAM_SHA_1
          """)
  void bestOfWhatIsOfferedIsChosen(String offered, boolean secure, Mechanism chosen) {
    var client = SaslClient.choose(alice, List.of(offered.split(" ", -1)), secure, stage);
    assertThat(Objects.requireNonNull(client).mechanism()).isEqualTo(chosen);
  }

  @Test
  void passwordNeverGoesWhereOthersRead() {
    assertThat(SaslClient.choose(alice, List.of("PLAIN", "LOGIN"), false, stage)).isNull();
    var token = ClientAccount.token("alice", "t0ken");
    assertThat(SaslClient.choose(token, List.of("XOAUTH2"), false, stage)).isNull();
    assertThat(SaslClient.choose(token, List.of("PLAIN"), true, stage)).isNull();
    assertThat(alice.toString()).isEqualTo("alice");
  }

  @ParameterizedTest
  @EnumSource(
      value = Mechanism.class,
      names = {"SCRAM_SHA_256", "SCRAM_SHA_1", "PLAIN", "LOGIN"})
  void bothEndsUnderstandEachOther(Mechanism mechanism) {
    // As a server of the real world would have it; the stage's own are too few for a client.
    for (int i = 0; i < 2; i++) {
      stage.accounts.addStrong("alice", "wonderland");
      var client =
          Objects.requireNonNull(SaslClient.choose(alice, List.of(mechanism.word()), true, stage));
      var dialogue = stage.begin(mechanism, client.initialResponse());
      while (dialogue.outcomes.isEmpty() && stage.pool.waiting() == 0) {
        var answer = answer(client, dialogue.challenge());
        assertThat(answer).isInstanceOf(SaslClient.Answer.Response.class);
        if (answer instanceof SaslClient.Answer.Response(var text)) {
          dialogue.respond(text);
        }
      }
      assertThat(dialogue.outcomeWithin(0)).isInstanceOf(Outcome.Success.class);
      assertThat(client.mayTrust(new byte[0])).isTrue();
    }
    // The second connection has derived nothing anew.
    assertThat(stage.pool.submitted).isEqualTo(mechanism.word().startsWith("SCRAM") ? 1 : 2);
  }

  @Test
  void badTokenIsAcknowledged() {
    var client =
        Objects.requireNonNull(
            SaslClient.choose(ClientAccount.token("bob", "t"), List.of("XOAUTH2"), true, stage));
    assertThat(client.initialResponse()).isEqualTo("user=bob\u0001auth=Bearer t\u0001\u0001");
    assertThat(client.mayTrust(new byte[0])).isTrue();
    assertThat(answer(client, "{}")).isEqualTo(new SaslClient.Answer.Response(""));
    assertThat(client.mayTrust(new byte[0])).isFalse();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "r=abc",
        "r=abc,s=AAAA,i=4096",
        "r=abcd,s=AAAA,i=4095",
        "r=abcd,s=AAAA,i=1000001",
        "r=abcd,s=AAAA,i=99999999999",
        "r=abcd,s=AAAA,i=-4096",
        "r=abcd,s=AAA,i=4096",
        "r=abcd,s=,i=4096",
        "r=xabc,s=AAAA,i=4096",
        "m=x,r=abcd,s=AAAA,i=4096",
        "e=unknown-user"
      })
  void firstMessageOfABadServerIsGivenUp(String challenge) {
    var client = new ScramClient(alice, ScramHash.SHA_256, "abc");
    assertThat(answer(client, challenge)).isInstanceOf(SaslClient.Answer.Failed.class);
    assertThat(stage.pool.submitted).isZero();
    assertThat(client.mayTrust(new byte[0])).isFalse();
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "v=", "v=AAAA", "e=other-error", "x"})
  void serverThatDoesNotKnowTheKeysIsNotTrusted(String last) {
    var client = new ScramClient(alice, ScramHash.SHA_256, "abc");
    assertThat(answer(client, "r=abcd,s=AAAA,i=4096"))
        .isInstanceOf(SaslClient.Answer.Response.class);
    assertThat(client.mayTrust(AuthStage.octets(last))).isFalse();
    var other = new ScramClient(alice, ScramHash.SHA_256, "abc");
    answer(other, "r=abcd,s=AAAA,i=4096");
    assertThat(answer(other, last)).isInstanceOf(SaslClient.Answer.Failed.class);
    assertThat(other.mayTrust(new byte[0])).isFalse();
  }

  @Test
  void everyMutationOfAChallengeIsAnswered() {
    var good = AuthStage.octets("r=abcd,s=AAAA,i=4096,x=1");
    var random = new SplittableRandom(11);
    for (int i = 0; i < 2_000; i++) {
      var challenge = Arrays.copyOf(good, random.nextInt(good.length + 1));
      for (int j = random.nextInt(4); j > 0 && challenge.length > 0; j--) {
        challenge[random.nextInt(challenge.length)] = (byte) random.nextInt(256);
      }
      var client = new ScramClient(alice, ScramHash.SHA_256, "abc");
      assertThat(answers(client, challenge)).hasSize(1);
    }
  }

  @Test
  void loginAnswersTwoChallengesAndNoThird() {
    var client = Objects.requireNonNull(SaslClient.choose(alice, List.of("LOGIN"), true, stage));
    assertThat(client.initialResponse()).isNull();
    assertThat(answer(client, "VXNlcm5hbWU6")).isEqualTo(new SaslClient.Answer.Response("alice"));
    assertThat(answer(client, "")).isEqualTo(new SaslClient.Answer.Response("wonderland"));
    assertThat(answer(client, "")).isInstanceOf(SaslClient.Answer.Failed.class);
  }

  @Test
  void fullPoolIsGivenUp() {
    stage.pool.full = true;
    var client = new ScramClient(alice, ScramHash.SHA_256, "abc");
    assertThat(answer(client, "r=abcd,s=AAAA,i=4096"))
        .isEqualTo(new SaslClient.Answer.Failed("the pool CPU is full"));
  }
}
