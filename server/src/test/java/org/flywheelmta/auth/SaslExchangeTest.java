package org.flywheelmta.auth;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.concurrent.TimeUnit;
import org.flywheelmta.event.AuditEvent;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Exchanges from their beginning to their end, with all that may come between. */
final class SaslExchangeTest {
  private static final long SECOND = TimeUnit.SECONDS.toNanos(1);

  private final AuthStage stage = new AuthStage();

  private static Outcome alice(Mechanism mechanism) {
    return new Outcome.Success(new Identity("alice", List.of("send"), mechanism), "");
  }

  @Test
  void plainIsVerifiedOnThePool() {
    var dialogue = stage.begin(Mechanism.PLAIN, "\0alice\0wonderland");
    assertThat(dialogue.outcomes).isEmpty();
    assertThat(stage.pool.submitted).isEqualTo(1);
    assertThat(dialogue.outcomeWithin(0)).isEqualTo(alice(Mechanism.PLAIN));
    assertThat(stage.audit)
        .containsExactly(
            new AuditEvent(
                AuditEvent.Type.AUTHENTICATED,
                stage.schedulers.wallMicros(),
                "alice",
                List.of("send"),
                "PLAIN",
                new AuditEvent.Where("smtp", "192.0.2.10:587", "192.0.2.1:4711", true),
                "",
                0));
  }

  @Test
  void plainWithoutInitialResponseGetsAnEmptyChallenge() {
    var dialogue = stage.begin(Mechanism.PLAIN, null);
    assertThat(dialogue.challenges).containsExactly("");
    dialogue.respond("alice\0alice\0wonderland");
    assertThat(dialogue.outcomeWithin(0)).isEqualTo(alice(Mechanism.PLAIN));
  }

  @Test
  void loginAsksForNameAndPassword() {
    var dialogue = stage.begin(Mechanism.LOGIN, null);
    dialogue.respond("alice");
    dialogue.respond("wonderland");
    assertThat(dialogue.challenges).containsExactly("Username:", "Password:");
    assertThat(dialogue.outcomeWithin(0)).isEqualTo(alice(Mechanism.LOGIN));
  }

  @Test
  void namesAndPasswordsAreComparedAfterTheirPreparation() {
    stage.accounts.add("ix", "fi", List.of());
    // A Roman numeral, and a ligature (RFC 4013 section 3).
    assertThat(stage.plain(AuthStage.ADDRESS, "\u2168", "fi")).isEqualTo(Outcome.Failure.REJECTED);
    stage.accounts.add("IX", "fi", List.of());
    assertThat(stage.plain(AuthStage.ADDRESS, "\u2168", "\ufb01"))
        .isInstanceOf(Outcome.Success.class);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"", "alice", "\0alice", "\0alice\0", "\0\0wonderland", "\0alice\0wonder\0land"})
  void plainThatIsNoneIsMalformed(String message) {
    var dialogue = stage.begin(Mechanism.PLAIN, message);
    assertThat(dialogue.outcomes).containsExactly(Outcome.Failure.MALFORMED);
    assertThat(stage.pool.submitted).isZero();
  }

  @Test
  void messageAboveTheLimitIsMalformed() {
    var dialogue = stage.begin(Mechanism.PLAIN, "\0a\0" + "p".repeat(SaslText.MOST_MESSAGE_OCTETS));
    assertThat(dialogue.outcomes).containsExactly(Outcome.Failure.MALFORMED);
  }

  @Test
  void unknownNameTakesTheWayOfAWrongPassword() {
    var unknown = stage.begin(Mechanism.PLAIN, "\0nobody\0wonderland");
    assertThat(stage.pool.submitted).isEqualTo(1);
    stage.pool.run();
    stage.schedulers.run();
    assertThat(unknown.outcomes).isEmpty();
    stage.schedulers.advance(SECOND - 1);
    assertThat(unknown.outcomes).isEmpty();
    assertThat(unknown.outcomeWithin(1)).isEqualTo(Outcome.Failure.REJECTED);

    var other = new AuthStage();
    var wrong = other.begin(Mechanism.PLAIN, "\0alice\0wrong");
    assertThat(other.pool.submitted).isEqualTo(1);
    other.pool.run();
    other.schedulers.run();
    other.schedulers.advance(SECOND - 1);
    assertThat(wrong.outcomes).isEmpty();
    assertThat(wrong.outcomeWithin(1)).isEqualTo(Outcome.Failure.REJECTED);
    // The audit alone tells them apart.
    assertThat(stage.auditWords()).containsExactly("authentication_failed unknown");
    assertThat(other.auditWords()).containsExactly("authentication_failed credentials");
  }

  @Test
  void nameThatSaslprepProhibitsIsNobodys() {
    assertThat(stage.plain(AuthStage.ADDRESS, "al\u0007ice", "wonderland"))
        .isEqualTo(Outcome.Failure.REJECTED);
    assertThat(stage.plain(AuthStage.ADDRESS, "alice", "wonder\u0007land"))
        .isEqualTo(Outcome.Failure.REJECTED);
    assertThat(stage.pool.submitted).isEqualTo(2);
  }

  @Test
  void externalNeedsAnAccountAndNoPassword() {
    var tls = AuthStage.tls(AuthStage.ADDRESS);
    var alice = new SaslConnection("smtp", "", tls.peer(), null, true, "alice", List.of(), false);
    assertThat(stage.begin(alice, Mechanism.EXTERNAL, "").outcomes)
        .containsExactly(alice(Mechanism.EXTERNAL));
    assertThat(stage.begin(alice, Mechanism.EXTERNAL, "alice").outcomes)
        .containsExactly(alice(Mechanism.EXTERNAL));
    assertThat(stage.begin(alice, Mechanism.EXTERNAL, "bob").outcomeWithin(2))
        .isEqualTo(Outcome.Failure.REJECTED);
    var bob = new SaslConnection("smtp", "", tls.peer(), null, true, "bob", List.of(), false);
    assertThat(stage.begin(bob, Mechanism.EXTERNAL, "").outcomeWithin(4))
        .isEqualTo(Outcome.Failure.REJECTED);
  }

  @Test
  void goodTokenLetsItsOwnerIn() {
    stage.tokens.put("t0ken", new TokenVerifier.Verdict.Good("bob", List.of("admin")));
    var bob = new Identity("bob", List.of("admin"), Mechanism.OAUTHBEARER);
    var bearer = "\u0001host=a\u0001auth=Bearer t0ken\u0001\u0001";
    assertThat(stage.begin(Mechanism.OAUTHBEARER, "n,a=bob," + bearer).outcomes)
        .containsExactly(new Outcome.Success(bob, ""));
    assertThat(stage.begin(Mechanism.OAUTHBEARER, "n,," + bearer).outcomes)
        .containsExactly(new Outcome.Success(bob, ""));
    assertThat(
            stage.begin(Mechanism.XOAUTH2, "user=bob\u0001auth=Bearer t0ken\u0001\u0001").outcomes)
        .containsExactly(
            new Outcome.Success(new Identity("bob", List.of("admin"), Mechanism.XOAUTH2), ""));
  }

  @Test
  void badTokenIsToldInAChallengeBeforeItFails() {
    stage.tokens.put("t0ken", new TokenVerifier.Verdict.Good("bob", List.of()));
    for (var name : List.of("bob", "alice")) {
      var token = name.equals("bob") ? "other" : "t0ken";
      var dialogue =
          stage.begin(
              Mechanism.OAUTHBEARER,
              "n,a=" + name + ",\u0001auth=Bearer " + token + "\u0001\u0001");
      assertThat(dialogue.challenges).containsExactly("{\"status\":\"invalid_token\"}");
      dialogue.respond("\u0001");
      assertThat(dialogue.outcomeWithin(4)).isEqualTo(Outcome.Failure.REJECTED);
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "n,,",
        "n,,\u0001",
        "n,,\u0001\u0001",
        "n,,\u0001auth=Bearer t\u0001",
        "n,,\u0001auth=Basic t\u0001\u0001",
        "n,,\u0001auth=Bearer \u0001\u0001",
        "n,,\u0001auth=Bearer t t\u0001\u0001",
        "n,,\u0001auth=Bearer t\u0001auth=Bearer t\u0001\u0001",
        "n,,\u0001auth=Bearer t\u0001\u0001x",
        "p=tls-exporter,,\u0001auth=Bearer t\u0001\u0001"
      })
  void tokenMessageThatIsNoneIsMalformed(String message) {
    assertThat(stage.begin(Mechanism.OAUTHBEARER, message).outcomes)
        .containsExactly(Outcome.Failure.MALFORMED);
  }

  @Test
  void sourceThatFailsIsATemporaryFailureAndNoGuess() {
    stage.accounts.failure = "the database is away";
    for (int i = 0; i < 200; i++) {
      var dialogue = stage.begin(Mechanism.PLAIN, "\0alice\0wonderland");
      assertThat(dialogue.outcomes).containsExactly(Outcome.Failure.UNAVAILABLE);
    }
    // All of them are one line, for now.
    assertThat(stage.auditWords()).containsExactly("authentication_refused the database is away");
    stage.accounts.failure = "";
    assertThat(stage.plain(AuthStage.ADDRESS, "alice", "wonderland"))
        .isEqualTo(alice(Mechanism.PLAIN));
  }

  @Test
  void fullPoolIsATemporaryFailure() {
    stage.pool.full = true;
    assertThat(stage.begin(Mechanism.PLAIN, "\0alice\0wonderland").outcomes)
        .containsExactly(Outcome.Failure.UNAVAILABLE);
  }

  @Test
  void nothingIsCalledAfterACancel() {
    var hashing = stage.begin(Mechanism.PLAIN, "\0alice\0wonderland");
    hashing.cancel();
    var asked = stage.begin(Mechanism.LOGIN, null);
    asked.cancel();
    asked.cancel();
    var delayed = stage.begin(Mechanism.PLAIN, "\0alice\0wrong");
    stage.pool.run();
    stage.schedulers.run();
    delayed.cancel();
    stage.pool.run();
    stage.schedulers.advance(100 * SECOND);
    assertThat(hashing.outcomes).isEmpty();
    assertThat(asked.outcomes).isEmpty();
    assertThat(delayed.outcomes).isEmpty();
    // Who hangs up while a password is verified does not get the guess for nothing.
    assertThat(stage.auditWords())
        .containsExactly("authentication_failed hung up", "authentication_failed credentials");
  }

  @Test
  void tokenThatCannotBeVerifiedNowIsATemporaryFailure() {
    stage.tokens.put("t", new TokenVerifier.Verdict.Failed("away"));
    var message = "user=bob\u0001auth=Bearer t\u0001\u0001";
    assertThat(stage.begin(Mechanism.XOAUTH2, message).outcomes)
        .containsExactly(Outcome.Failure.UNAVAILABLE);
  }

  @Test
  void guessesBeyondTheLimitAreNeitherLookedUpNorHashed() {
    for (int i = 0; i < 10; i++) {
      stage.begin(Mechanism.PLAIN, "\0alice\0guess" + i);
      stage.pool.run();
      stage.schedulers.run();
    }
    int hashed = stage.pool.submitted;
    for (int i = 0; i < 1_000; i++) {
      assertThat(stage.begin(Mechanism.PLAIN, "\0alice\0guess" + i).outcomes)
          .containsExactly(Outcome.Failure.LIMITED);
    }
    assertThat(hashed).isEqualTo(10);
    assertThat(stage.pool.submitted).isEqualTo(10);
    assertThat(stage.limiter.refused().value()).isEqualTo(1_000);
    assertThat(stage.audit).hasSize(11);
    stage.schedulers.advance(10 * SECOND);
    for (int i = 0; i < 2; i++) {
      // Meanwhile a third of a failure is forgotten, so one more is borne.
      stage.begin(Mechanism.PLAIN, "\0alice\0guess");
      stage.pool.run();
      stage.schedulers.run();
    }
    assertThat(stage.audit).last().satisfies(sum -> assertThat(sum.count()).isEqualTo(1_000));
  }
}
