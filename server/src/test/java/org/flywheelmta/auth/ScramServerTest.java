package org.flywheelmta.auth;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Base64;
import java.util.List;
import java.util.Objects;
import org.flywheelmta.auth.AuthStage.Dialogue;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** SCRAM through an exchange: what a client may do wrong, and what it must not get away with. */
final class ScramServerTest {
  private static final Outcome ALICE_OF_PLUS = alice(Mechanism.SCRAM_SHA_256_PLUS);

  private final AuthStage stage = new AuthStage();

  private static Outcome alice(Mechanism mechanism) {
    return new Outcome.Success(new Identity("alice", List.of("send"), mechanism), "");
  }

  /** What a client of the standard answers to the first challenge. */
  private String last(Dialogue dialogue, String gs2, String bound, String name, String password) {
    var hash = ScramHash.SHA_256;
    var challenge = dialogue.challenge();
    var nonce = challenge.substring(2, challenge.indexOf(','));
    var salted = hash.derive(password, AuthStage.octets("salt of " + name), 2);
    var withoutProof = "c=" + Base64.getEncoder().encodeToString(AuthStage.octets(gs2 + bound));
    withoutProof += ",r=" + nonce;
    var key = ScramKeys.clientKey(hash, salted);
    var authMessage = "n=" + name + ",r=abc," + challenge + "," + withoutProof;
    var proof = hash.hmac(hash.hash(key), AuthStage.octets(authMessage));
    for (int i = 0; i < proof.length; i++) {
      proof[i] ^= key[i];
    }
    return withoutProof + ",p=" + Base64.getEncoder().encodeToString(proof);
  }

  @Test
  void boundClientIsLetIn() {
    var gs2 = "p=tls-exporter,,";
    var dialogue = stage.begin(Mechanism.SCRAM_SHA_256_PLUS, gs2 + "n=alice,r=abc");
    dialogue.respond(last(dialogue, gs2, "bound", "alice", "wonderland"));
    assertThat(dialogue.challenge()).startsWith("v=");
    dialogue.respond("");
    assertThat(dialogue.outcomes).containsExactly(ALICE_OF_PLUS);
    assertThat(stage.auditWords()).containsExactly("authenticated ");
  }

  @Test
  void bindingOfAnotherConnectionIsRejected() {
    var gs2 = "p=tls-exporter,,";
    var dialogue = stage.begin(Mechanism.SCRAM_SHA_256_PLUS, gs2 + "n=alice,r=abc");
    dialogue.respond(last(dialogue, gs2, "other", "alice", "wonderland"));
    assertThat(dialogue.outcomeWithin(2)).isEqualTo(Outcome.Failure.REJECTED);
    assertThat(stage.auditWords()).containsExactly("authentication_failed binding");
  }

  @ParameterizedTest
  @ValueSource(strings = {"p=tls-unique,,n=alice,r=abc", "n,,n=alice,r=abc", "y,,n=alice,r=abc"})
  void mechanismThatBindsNeedsABindingThatIsThere(String first) {
    var dialogue = stage.begin(Mechanism.SCRAM_SHA_256_PLUS, first);
    assertThat(dialogue.challenges).isEmpty();
    assertThat(dialogue.outcomeWithin(2)).isEqualTo(Outcome.Failure.REJECTED);
  }

  @Test
  void clientThatCouldHaveBoundAndWasToldItCouldNotIsRejected() {
    var dialogue = stage.begin(Mechanism.SCRAM_SHA_256, "y,,n=alice,r=abc");
    assertThat(dialogue.outcomeWithin(2)).isEqualTo(Outcome.Failure.REJECTED);
    assertThat(stage.auditWords()).containsExactly("authentication_failed binding");
  }

  @Test
  void clientThatCouldBindIsLetInWhereNothingIsOffered() {
    var policy = new AuthPolicy(List.of(Mechanism.SCRAM_SHA_256), false);
    var dialogue =
        stage.begin(
            policy,
            AuthStage.tls(AuthStage.ADDRESS),
            Mechanism.SCRAM_SHA_256,
            AuthStage.octets("y,,n=alice,r=abc"));
    dialogue.respond(last(dialogue, "y,,", "", "alice", "wonderland"));
    dialogue.respond("");
    assertThat(dialogue.outcomes).containsExactly(alice(Mechanism.SCRAM_SHA_256));
  }

  @Test
  void textOfTheSuccessGoesWithItWhereTheProtocolCanCarryIt() {
    var tls = AuthStage.tls(AuthStage.ADDRESS);
    var xmpp =
        new SaslConnection("xmpp", "", tls.peer(), tls.address(), true, "", tls.bindings(), true);
    var dialogue = stage.begin(xmpp, Mechanism.SCRAM_SHA_256, "n,,n=alice,r=abc");
    dialogue.respond(last(dialogue, "n,,", "", "alice", "wonderland"));
    assertThat(dialogue.outcomes)
        .singleElement()
        .isInstanceOfSatisfying(
            Outcome.Success.class, success -> assertThat(success.text()).startsWith("v="));
  }

  @Test
  void acknowledgementThatSaysSomethingIsMalformed() {
    var dialogue = stage.begin(Mechanism.SCRAM_SHA_256, "n,,n=alice,r=abc");
    dialogue.respond(last(dialogue, "n,,", "", "alice", "wonderland"));
    dialogue.respond("x");
    assertThat(dialogue.outcomes).containsExactly(Outcome.Failure.MALFORMED);
  }

  @Test
  void proofOfAnotherPasswordIsRejected() {
    var dialogue = stage.begin(Mechanism.SCRAM_SHA_256, "n,,n=alice,r=abc");
    dialogue.respond(last(dialogue, "n,,", "", "alice", "Wonderland"));
    assertThat(dialogue.outcomeWithin(2)).isEqualTo(Outcome.Failure.REJECTED);
    assertThat(stage.auditWords()).containsExactly("authentication_failed credentials");
  }

  @Test
  void nobodyActsForSomebodyElse() {
    var dialogue = stage.begin(Mechanism.SCRAM_SHA_256, "n,a=bob,n=alice,r=abc");
    dialogue.respond(last(dialogue, "n,a=bob,", "", "alice", "wonderland"));
    assertThat(dialogue.outcomeWithin(2)).isEqualTo(Outcome.Failure.REJECTED);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "n",
        "n,",
        "n,,",
        "n,,n=alice",
        "n,,r=abc,n=alice",
        "n,,n=alice,r=",
        "n,,n=,r=abc",
        "n,,m=x,n=alice,r=abc",
        "n,,n=al=ice,r=abc",
        "n,,n=al=2cice,r=abc",
        "n,,n=alice,r=a b",
        "n,,n=alice,r=abc,",
        "n,,n=alice,r=abc,x",
        "n,,n=alice,r=abc,1=x",
        "n,,n=al\0ice,r=abc",
        "n,a=,n=alice,r=abc",
        "n,b=bob,n=alice,r=abc",
        "p=,,n=alice,r=abc",
        "x,,n=alice,r=abc"
      })
  void firstMessageThatIsNoneEndsAtOnceAndCostsNothing(String first) {
    var dialogue = stage.begin(Mechanism.SCRAM_SHA_256, first);
    assertThat(dialogue.outcomes).containsExactly(Outcome.Failure.MALFORMED);
    assertThat(stage.audit).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "c=biws",
        "c=biws,r=NONCE",
        "c=biws,r=NONCE,p=",
        "c=biws,r=NONCE,p=*",
        "r=NONCE,p=AAAA",
        "c=biw,r=NONCE,p=AAAA",
        "c=biws,p=AAAA",
        "c=biws,r=abc,p=AAAA",
        "c=biws,r=NONCE,x,p=AAAA"
      })
  void lastMessageThatIsNoneIsAFailedAttempt(String last) {
    var dialogue = stage.begin(Mechanism.SCRAM_SHA_256, "n,,n=alice,r=abc");
    var challenge = dialogue.challenge();
    dialogue.respond(last.replace("NONCE", challenge.substring(2, challenge.indexOf(','))));
    assertThat(dialogue.outcomes).isEmpty();
    assertThat(dialogue.outcomeWithin(2)).isInstanceOf(Outcome.Failure.class);
    assertThat(stage.audit).hasSize(1);
  }

  @Test
  void namesWithCommaAndEqualsSignAreNames() {
    stage.accounts.add("a=b,c", "wonderland", List.of());
    var client =
        new ScramClient(
            Objects.requireNonNull(ClientAccount.password("a=b,c", "wonderland")),
            ScramHash.SHA_256,
            "abc");
    assertThat(client.initialResponse()).isEqualTo("n,,n=a=3Db=2Cc,r=abc");
    var dialogue = stage.begin(Mechanism.SCRAM_SHA_256, client.initialResponse());
    assertThat(dialogue.challenge())
        .contains(
            ",s=" + Base64.getEncoder().encodeToString(AuthStage.octets("salt of a=b,c")) + ",i=2");
  }

  @ParameterizedTest
  @EnumSource(ScramHash.class)
  void unknownNameGetsTheSameSaltEachTimeAndAnotherThanItsNeighbour(ScramHash hash) {
    var mechanism = hash == ScramHash.SHA_256 ? Mechanism.SCRAM_SHA_256 : Mechanism.SCRAM_SHA_1;
    var once = stage.begin(mechanism, "n,,n=nobody,r=abc").challenge();
    var again = stage.begin(mechanism, "n,,n=nobody,r=abc").challenge();
    var other = stage.begin(mechanism, "n,,n=nobody2,r=abc").challenge();
    assertThat(once).endsWith(",i=" + ScramKeys.DEFAULT_ITERATIONS);
    assertThat(again.substring(again.indexOf(','))).isEqualTo(once.substring(once.indexOf(',')));
    assertThat(other.substring(other.indexOf(','))).isNotEqualTo(once.substring(once.indexOf(',')));
    assertThat(again).isNotEqualTo(once);
  }
}
