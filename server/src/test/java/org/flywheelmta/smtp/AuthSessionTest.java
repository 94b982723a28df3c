package org.flywheelmta.smtp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.flywheelmta.smtp.AuthLines.EHLO;
import static org.flywheelmta.smtp.AuthLines.GOOD;
import static org.flywheelmta.smtp.AuthLines.LOGIN;
import static org.flywheelmta.smtp.AuthLines.PLAIN;
import static org.flywheelmta.smtp.AuthLines.WRONG_PLAIN;
import static org.flywheelmta.smtp.AuthLines.base64;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Sessions in which a client logs in: in pieces, at once, too long, and broken off. */
final class AuthSessionTest {
  private static final String SCRAM = "AUTH SCRAM-SHA-256 " + base64("n,,n=alice,r=nonce") + "\r\n";

  /** Where a session is when something happens to it. */
  enum Step {
    LOOKED_UP(PLAIN),
    LOOKED_UP_FOR_KEYS(SCRAM),
    HASHED(PLAIN),
    HASHED_IN_VAIN(WRONG_PLAIN),
    ASKED_AT_FIRST("AUTH LOGIN\r\n"),
    ASKED_AGAIN("AUTH LOGIN\r\n" + base64("alice") + "\r\n"),
    ASKED_FOR_A_PROOF(SCRAM),
    MADE_TO_WAIT(WRONG_PLAIN);

    final String said;

    Step(String said) {
      this.said = said;
    }

    boolean asked() {
      return name().startsWith("ASKED");
    }

    /** A client of {@code stage} that is there. */
    Caller reach(SmtpStage stage) {
      stage.accounts.holding = name().startsWith("LOOKED_UP");
      stage.hashing.holding = name().startsWith("HASHED");
      var caller = stage.call(EHLO + said);
      assertThat(stage.accounts.held()).isEqualTo(stage.accounts.holding ? 1 : 0);
      assertThat(stage.hashing.waiting()).isEqualTo(stage.hashing.holding ? 1 : 0);
      var answered = new ArrayList<>(List.of("220", "250"));
      if (asked()) {
        answered.add("334");
      }
      if (this == ASKED_AGAIN) {
        answered.add("334");
      }
      assertThat(caller.codes()).isEqualTo(answered);
      return caller;
    }
  }

  private static void letGo(SmtpStage stage) {
    stage.accounts.letGo();
    stage.moment();
    stage.hashing.run();
    stage.moment();
  }

  @Test
  void exchangeMayComeInAnyTwoPieces() {
    var stage = AuthLines.start();
    var whole = EHLO + LOGIN + "NOOP\r\nQUIT\r\n";
    for (int at = 0; at <= whole.length(); at++) {
      var caller = stage.call(whole.substring(0, at));
      caller.say(whole.substring(at));
      stage.moment();
      assertThat(caller.codes())
          .as("in two at %d", at)
          .containsExactly("220", "250", "334", "334", "235 2.7.0", "250 2.0.0", "221 2.0.0");
    }
    stage.checkNothingIsLeft();
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 7})
  void exchangeMayComeInSmallPieces(int octets) {
    var stage = AuthLines.start();
    stage.cut(octets);
    var caller = stage.call();
    caller.say(EHLO + "AUTH PLAIN\r\n*\r\nAUTH PLAIN\r\n" + GOOD + "\r\n" + SmtpStage.MAIL);
    assertThat(stage.world.runUntil(() -> caller.codes().size() == 10, 5 * SmtpStage.SECOND))
        .isTrue();
    assertThat(caller.codes())
        .containsExactly(
            "220",
            "250",
            "334",
            "501 5.7.0",
            "334",
            "235 2.7.0",
            "250 2.1.0",
            "250 2.1.5",
            "354",
            "250 2.0.0");
    stage.checkNothingIsLeft();
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void whatIsSentBehindAnExchangeWaitsForItsEnd(boolean initial) {
    var stage = AuthLines.start(AuthLines.plan().with("auth_required = on"));
    stage.hashing.holding = true;
    var caller = stage.call(EHLO + (initial ? PLAIN : LOGIN) + SmtpStage.MAIL + "QUIT\r\n");
    int before = initial ? 2 : 4;
    assertThat(caller.codes()).hasSize(before);
    stage.world.run(3_600 * SmtpStage.SECOND);
    assertThat(caller.codes()).hasSize(before);
    assertThat(caller.closed()).isFalse();
    stage.hashing.run();
    stage.moment();
    assertThat(caller.codes(before))
        .containsExactly("235 2.7.0", "250 2.1.0", "250 2.1.5", "354", "250 2.0.0", "221 2.0.0");
    stage.checkNothingIsLeft();
  }

  @Test
  void whatIsSentBehindAWrongPasswordWaitsAsLongAsItsAnswer() {
    var stage = AuthLines.start();
    var caller = stage.call(EHLO + WRONG_PLAIN + "NOOP\r\n" + WRONG_PLAIN + "NOOP\r\n");
    assertThat(caller.codes()).containsExactly("220", "250");
    stage.world.run(2 * SmtpStage.SECOND);
    assertThat(caller.codes(2)).containsExactly("535 5.7.8", "250 2.0.0");
    stage.world.run(2 * SmtpStage.SECOND);
    assertThat(caller.codes(4)).containsExactly("535 5.7.8", "250 2.0.0");
    stage.checkNothingIsLeft();
  }

  @Test
  void longestLineOfAnExchangeIsTakenAndOneOctetMoreIsNot() {
    var stage = AuthLines.start();
    var caller = stage.call(EHLO + "AUTH LOGIN\r\n");
    // Four characters short of the limit, since base64 comes in fours, and then filled up.
    var longest = "A".repeat(SessionAuth.MAX_LINE - 4) + "\r\n";
    assertThat(stage.say(caller, longest)).containsExactly("501 5.5.2");
    assertThat(stage.say(caller, "AUTH LOGIN\r\n")).containsExactly("334");
    assertThat(stage.say(caller, "A".repeat(SessionAuth.MAX_LINE - 2) + "\r\n"))
        .containsExactly("501 5.5.2");
    stage.say(caller, "AUTH LOGIN\r\n");
    assertThat(stage.say(caller, "A".repeat(SessionAuth.MAX_LINE - 1) + "\r\n"))
        .containsExactly("500 5.5.2");
    // The exchange has ended with it, and the line is dropped as a whole.
    assertThat(stage.say(caller, "NOOP\r\n" + LOGIN))
        .containsExactly("250 2.0.0", "334", "334", "235 2.7.0");
    stage.checkNothingIsLeft();
  }

  @ParameterizedTest
  @ValueSource(ints = {12_289, 20_000, 300_000})
  void lineThatIsTooLongIsAnsweredOnceAndTakesNoMemory(int length) {
    var stage = AuthLines.start();
    var caller = stage.call(EHLO + "AUTH PLAIN\r\n" + "A".repeat(length));
    assertThat(caller.codes()).containsExactly("220", "250", "334", "500 5.5.2");
    assertThat(stage.say(caller, "A".repeat(length) + "\r\n")).isEmpty();
    assertThat(stage.say(caller, PLAIN)).containsExactly("235 2.7.0");
    stage.checkNothingIsLeft();
  }

  @Test
  void lineFeedAloneEndsNoAnswer() {
    var stage = AuthLines.start();
    var caller = stage.call(EHLO + "AUTH PLAIN\r\n");
    assertThat(stage.say(caller, GOOD + "\n")).containsExactly("500 5.5.2");
    assertThat(stage.say(caller, "\r\nNOOP\r\n")).containsExactly("250 2.0.0");
    assertThat(stage.hashing.submitted).isZero();
    stage.checkNothingIsLeft();
  }

  @Test
  void clientMayVanishAfterAnyOctet() {
    var stage = AuthLines.start();
    for (var whole : List.of(EHLO + LOGIN, EHLO + PLAIN, EHLO + SCRAM)) {
      for (int octets = 0; octets <= whole.length(); octets++) {
        var caller = stage.call(whole.substring(0, octets));
        caller.hangUp();
        stage.moment();
        stage.checkNothingIsLeft();
      }
    }
  }

  @ParameterizedTest
  @EnumSource
  void clientMayVanishAtAnyStep(Step step) {
    var stage = AuthLines.start();
    var caller = step.reach(stage);
    caller.hangUp();
    stage.moment();
    assertThat(stage.listener.connections()).isZero();
    letGo(stage);
    stage.world.run(20 * SmtpStage.SECOND);
    assertThat(stage.audit).noneMatch(event -> event.type().word().equals("authenticated"));
    stage.checkNothingIsLeft();
  }

  @ParameterizedTest
  @EnumSource
  void networkMayBreakAtAnyStep(Step step) {
    var stage = AuthLines.start();
    var caller = step.reach(stage);
    stage.world.wire().reset(_ -> true);
    stage.moment();
    assertThat(caller.closed()).isTrue();
    letGo(stage);
    stage.world.run(20 * SmtpStage.SECOND);
    stage.checkNothingIsLeft();
  }

  /** What else would make guesses cheap: not to wait for their answer. */
  @Test
  void whoHangsUpWhileItsPasswordIsHashedHasGuessed() {
    var stage = AuthLines.start();
    for (int i = 0; i < 11; i++) {
      Step.HASHED_IN_VAIN.reach(stage).hangUp();
      stage.moment();
      letGo(stage);
    }
    assertThat(stage.audit).extracting(event -> event.reason()).containsOnly("hung up");
    stage.hashing.holding = false;
    assertThat(stage.call(EHLO + PLAIN).codes()).endsWith("454 4.7.0");
    stage.checkNothingIsLeft();
  }

  @ParameterizedTest
  @EnumSource
  void serverThatStopsSaysGoodbyeAtAnyStep(Step step) {
    var stage = AuthLines.start();
    var caller = step.reach(stage);
    var done = new ArrayList<Boolean>();
    stage.master.post(() -> stage.room.stop(stage.pool, () -> done.add(true)));
    stage.moment();
    letGo(stage);
    stage.world.run(2 * SmtpStage.SECOND);
    assertThat(caller.codes()).endsWith("421 4.3.2");
    assertThat(caller.closed()).isTrue();
    assertThat(done).containsExactly(true);
    stage.checkNothingIsLeft();
  }

  @ParameterizedTest
  @EnumSource(mode = EnumSource.Mode.MATCH_ALL, names = "ASKED.*")
  void whoDoesNotAnswerIsNotWaitedForForEver(Step step) {
    var stage = AuthLines.start(AuthLines.plan().with("idle_time = 10s"));
    var caller = step.reach(stage);
    stage.world.run(9 * SmtpStage.SECOND);
    assertThat(caller.closed()).isFalse();
    stage.world.run(2 * SmtpStage.SECOND);
    assertThat(caller.codes()).endsWith("421 4.4.2");
    assertThat(caller.closed()).isTrue();
    stage.checkNothingIsLeft();
  }

  @Test
  void connectionOfTooManyWrongPasswordsIsClosed() {
    var stage = AuthLines.start(AuthLines.plan().with("max_errors = 2"));
    var caller = stage.call(EHLO + WRONG_PLAIN.repeat(5) + "NOOP\r\n");
    stage.world.run(20 * SmtpStage.SECOND);
    assertThat(caller.codes(2)).containsExactly("535 5.7.8", "535 5.7.8", "535 5.7.8", "421 4.7.0");
    assertThat(caller.closed()).isTrue();
    stage.checkNothingIsLeft();
  }

  @ParameterizedTest
  @ValueSource(strings = {"AUTH PLAIN\r\n*\r\n", "AUTH PLAIN !\r\n", "AUTH LOGIN\r\n!\r\n"})
  void connectionOfTooManyBrokenExchangesIsClosed(String exchange) {
    var stage = AuthLines.start(AuthLines.plan().with("max_errors = 10"));
    var caller = stage.call(EHLO + exchange.repeat(30));
    assertThat(caller.codes()).endsWith("421 4.7.0");
    assertThat(caller.codes()).filteredOn(code -> code.startsWith("501")).hasSize(11);
    assertThat(caller.closed()).isTrue();
    stage.checkNothingIsLeft();
  }
}
