package org.flywheelmta.smtp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.flywheelmta.smtp.AuthLines.EHLO;
import static org.flywheelmta.smtp.AuthLines.GOOD;
import static org.flywheelmta.smtp.AuthLines.LOGIN;
import static org.flywheelmta.smtp.AuthLines.PLAIN;
import static org.flywheelmta.smtp.AuthLines.WRONG_PLAIN;
import static org.flywheelmta.smtp.AuthLines.base64;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Objects;
import org.flywheelmta.auth.ClientAccount;
import org.flywheelmta.auth.GuessLimits;
import org.flywheelmta.auth.SaslClient;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** AUTH as RFC 4954 has it, one rule after the other. */
final class AuthCommandTest {
  private static final String REQUIRED = "auth_required = on";

  private static String offer(Caller caller) {
    return caller
        .received()
        .lines()
        .filter(line -> line.startsWith("AUTH", 4))
        .reduce("", (before, line) -> before + line.substring(4));
  }

  /** A client that has said EHLO. */
  private static Caller greeted(SmtpStage stage) {
    return stage.call(EHLO);
  }

  private static SmtpStage strict() {
    return AuthLines.start(AuthLines.plan().with(REQUIRED));
  }

  @Test
  void whatIsOfferedIsWhatTheConnectionCanBear() {
    assertThat(offer(greeted(AuthLines.start()))).isEqualTo("AUTH SCRAM-SHA-256 PLAIN LOGIN");
    var clear = AuthLines.start(AuthLines.plan().only(""));
    assertThat(offer(greeted(clear))).isEqualTo("AUTH SCRAM-SHA-256");
    var one = AuthLines.start(AuthLines.plan().with("auth_mechanisms = ( \"login\" )"));
    assertThat(offer(greeted(one))).isEqualTo("AUTH LOGIN");
    var none = AuthLines.start(AuthLines.plan().only("auth_mechanisms = ( \"login\" )"));
    assertThat(offer(greeted(none))).isEmpty();
    assertThat(greeted(SmtpStage.open()).received()).doesNotContain("AUTH");
  }

  @Test
  void nothingIsOfferedToWhomHasLoggedIn() {
    var stage = AuthLines.start();
    var caller = stage.call(EHLO + PLAIN);
    int before = caller.received().length();
    stage.say(caller, EHLO);
    assertThat(caller.received().substring(before)).doesNotContain("AUTH");
  }

  @ParameterizedTest
  @ValueSource(strings = {"PLAIN", "LOGIN", "plain"})
  void passwordIsRefusedInClearUnseen(String mechanism) {
    var stage = AuthLines.start(AuthLines.plan().only(""));
    var caller = greeted(stage);
    assertThat(stage.say(caller, "AUTH " + mechanism + " " + GOOD + "\r\n"))
        .containsExactly("504 5.5.4");
    assertThat(stage.hashing.submitted).isZero();
    assertThat(stage.audit).isEmpty();
    stage.checkNothingIsLeft();
  }

  @Test
  void listenerWithoutAccountsHasNoSuchCommand() {
    var stage = SmtpStage.open();
    assertThat(stage.say(greeted(stage), PLAIN)).containsExactly("502 5.5.1");
  }

  @ParameterizedTest
  @ValueSource(strings = {"AUTH PLAIN", "auth plain", "AUTH  PLAIN ", "Auth Plain"})
  void commandAndMechanismHaveNoCase(String command) {
    var stage = AuthLines.start();
    var caller = greeted(stage);
    assertThat(stage.say(caller, command + " " + GOOD + "\r\n")).containsExactly("235 2.7.0");
    stage.checkNothingIsLeft();
  }

  @Test
  void withoutInitialResponseTheClientIsAsked() {
    var stage = AuthLines.start();
    var caller = greeted(stage);
    assertThat(stage.say(caller, "AUTH PLAIN\r\n")).containsExactly("334");
    // The space stands there although nothing follows it (RFC 4954 section 4).
    assertThat(caller.received()).endsWith("\r\n334 \r\n");
    assertThat(stage.say(caller, GOOD + "\r\n")).containsExactly("235 2.7.0");
    assertThat(caller.received()).endsWith("235 2.7.0 Authentication succeeded\r\n");
    stage.checkNothingIsLeft();
  }

  @Test
  void loginAsksForNameAndPassword() {
    var stage = AuthLines.start();
    var caller = greeted(stage);
    stage.say(caller, "AUTH LOGIN\r\n");
    assertThat(AuthLines.challenge(caller)).isEqualTo("Username:");
    stage.say(caller, base64("alice") + "\r\n");
    assertThat(AuthLines.challenge(caller)).isEqualTo("Password:");
    assertThat(stage.say(caller, base64("wonderland") + "\r\n")).containsExactly("235 2.7.0");
    var brief = greeted(stage);
    stage.say(brief, "AUTH LOGIN " + base64("alice") + "\r\n");
    assertThat(AuthLines.challenge(brief)).isEqualTo("Password:");
    assertThat(stage.say(brief, base64("wonderland") + "\r\n")).containsExactly("235 2.7.0");
    stage.checkNothingIsLeft();
  }

  @ParameterizedTest
  @CsvSource({"wonderland, 235 2.7.0", "looking-glass, 535 5.7.8"})
  void scramProvesThePasswordWithoutSayingIt(String password, String code) {
    var stage = AuthLines.start(AuthLines.plan().only(""));
    stage.accounts.addStrong("alice", "wonderland");
    var account = Objects.requireNonNull(ClientAccount.password("alice", password));
    var client =
        Objects.requireNonNull(
            SaslClient.choose(account, List.of("SCRAM-SHA-256"), false, stage.server.randomness()));
    var caller = greeted(stage);
    var initial = base64(Objects.requireNonNull(client.initialResponse()));
    assertThat(stage.say(caller, "AUTH SCRAM-SHA-256 " + initial + "\r\n")).containsExactly("334");
    respond(stage, caller, client);
    stage.world.run(2 * SmtpStage.SECOND);
    if (code.startsWith("235")) {
      // The signature of the server, which the client acknowledges with an empty line.
      assertThat(caller.codes()).endsWith("334");
      respond(stage, caller, client);
    }
    assertThat(caller.codes()).endsWith(code);
    assertThat(caller.received()).doesNotContain(base64(password));
    stage.checkNothingIsLeft();
  }

  private static void respond(SmtpStage stage, Caller caller, SaslClient client) {
    var said = new ArrayList<String>();
    client.onChallenge(
        AuthLines.challenge(caller).getBytes(StandardCharsets.UTF_8),
        stage.pool.getFirst(),
        stage.hashing,
        answer -> said.add(((SaslClient.Answer.Response) answer).text()));
    stage.moment();
    stage.say(caller, base64(said.getFirst()) + "\r\n");
  }

  @Test
  void equalsSignIsAnEmptyMessage() {
    var stage = AuthLines.start();
    var caller = greeted(stage);
    // PLAIN of nothing names nobody; which is something else than no message.
    assertThat(stage.say(caller, "AUTH PLAIN =\r\n")).containsExactly("501 5.5.2");
    stage.say(caller, "AUTH PLAIN\r\n");
    assertThat(stage.say(caller, "\r\n")).containsExactly("501 5.5.2");
    stage.say(caller, "AUTH PLAIN\r\n");
    assertThat(stage.say(caller, "=\r\n")).containsExactly("501 5.5.2");
    assertThat(stage.say(caller, PLAIN)).containsExactly("235 2.7.0");
    stage.checkNothingIsLeft();
  }

  @ParameterizedTest
  @ValueSource(strings = {"AUTH PLAIN\r\n", "AUTH LOGIN\r\n", "AUTH SCRAM-SHA-256\r\n"})
  void starCancels(String command) {
    var stage = AuthLines.start();
    var caller = greeted(stage);
    assertThat(stage.say(caller, command)).containsExactly("334");
    assertThat(stage.say(caller, "*\r\n")).containsExactly("501 5.7.0");
    // The next line is a command again, and nothing was held against the client.
    assertThat(stage.say(caller, "NOOP\r\n")).containsExactly("250 2.0.0");
    assertThat(stage.say(caller, PLAIN)).containsExactly("235 2.7.0");
    assertThat(stage.audit).hasSize(1);
    stage.checkNothingIsLeft();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "!",
        "=AAA",
        "AAA=BBB=",
        "AA=A",
        "A",
        "AAAAA",
        "YWxpY2U",
        "YWxpYw",
        "AA",
        "AAA",
        "AA==\t",
        "AAAA AAAA",
        "A\u00e9==",
        "AAAA\u0000",
        "AA-_",
        "* ",
        "**"
      })
  void whatIsNoBase64EndsTheExchange(String text) {
    var stage = AuthLines.start();
    var caller = greeted(stage);
    stage.say(caller, "AUTH LOGIN\r\n");
    assertThat(stage.say(caller, text + "\r\n")).containsExactly("501 5.5.2");
    assertThat(stage.say(caller, "NOOP\r\n")).containsExactly("250 2.0.0");
    // A command line has rules of its own.
    if (!text.contains("\0") && !text.endsWith(" ")) {
      assertThat(stage.say(caller, "AUTH LOGIN " + text + "\r\n")).containsExactly("501 5.5.2");
    }
    assertThat(stage.say(caller, LOGIN)).endsWith("235 2.7.0");
    stage.checkNothingIsLeft();
  }

  @ParameterizedTest
  @ValueSource(strings = {"alice", "\0alice", "\0\0x", "\0alice\0", "\0a\0b\0c", "a\u00e9"})
  void whatIsNoMessageOfTheMechanismIsRefusedUnseen(String message) {
    var stage = AuthLines.start();
    var octets = message.getBytes(StandardCharsets.ISO_8859_1);
    var line = "AUTH PLAIN " + Base64.getEncoder().encodeToString(octets) + "\r\n";
    assertThat(stage.say(greeted(stage), line)).containsExactly("501 5.5.2");
    assertThat(stage.hashing.submitted).isZero();
    stage.checkNothingIsLeft();
  }

  @ParameterizedTest
  @CsvSource({
    "AUTH, 501 5.5.4",
    "AUTH CRAM-MD5, 504 5.5.4",
    "AUTH SCRAM-SHA-1, 504 5.5.4",
    "AUTH SCRAM-SHA-256-PLUS, 504 5.5.4",
    "AUTH EXTERNAL =, 504 5.5.4",
    "AUTH XOAUTH2, 504 5.5.4",
    "AUTH=PLAIN, 500 5.5.1"
  })
  void otherMechanismsAreNotTaken(String command, String code) {
    var stage = AuthLines.start();
    assertThat(stage.say(greeted(stage), command + "\r\n")).containsExactly(code);
    stage.checkNothingIsLeft();
  }

  @Test
  void authComesAfterTheGreetingAndBetweenMails() {
    var stage = AuthLines.start(AuthLines.plan().with("relay_hosts = ( \"0.0.0.0/0\" )"));
    var caller = stage.call(PLAIN);
    assertThat(caller.codes()).endsWith("503 5.5.1");
    stage.say(caller, "EHLO c.test\r\nMAIL FROM:<a@x.test>\r\n");
    assertThat(stage.say(caller, PLAIN)).containsExactly("503 5.5.1");
    stage.say(caller, "RCPT TO:<b@y.test>\r\n");
    assertThat(stage.say(caller, "AUTH LOGIN\r\n")).containsExactly("503 5.5.1");
    assertThat(stage.say(caller, "RSET\r\n" + PLAIN)).containsExactly("250 2.0.0", "235 2.7.0");
    assertThat(stage.audit).hasSize(1);
    stage.checkNothingIsLeft();
  }

  @Test
  void authIsRefusedToWhomHasLoggedIn() {
    var stage = AuthLines.start();
    var caller = stage.call(EHLO + PLAIN);
    assertThat(stage.say(caller, PLAIN)).containsExactly("503 5.5.1");
    assertThat(stage.say(caller, "AUTH LOGIN\r\n")).containsExactly("503 5.5.1");
    assertThat(stage.say(caller, EHLO + PLAIN)).containsExactly("250", "503 5.5.1");
    assertThat(stage.say(caller, "RSET\r\n" + SmtpStage.MAIL)).endsWith("354", "250 2.0.0");
    stage.checkNothingIsLeft();
  }

  @Test
  void whoIsRefusedMayTryAgain() {
    var stage = strict();
    var caller = stage.call(EHLO + WRONG_PLAIN);
    stage.world.run(2 * SmtpStage.SECOND);
    assertThat(caller.codes()).endsWith("535 5.7.8");
    assertThat(stage.say(caller, SmtpStage.MAIL)).startsWith("530 5.7.0");
    assertThat(stage.say(caller, LOGIN)).containsExactly("334", "334", "235 2.7.0");
    assertThat(stage.say(caller, SmtpStage.MAIL)).endsWith("354", "250 2.0.0");
    stage.checkNothingIsLeft();
  }

  @Test
  void nobodySendsBeforeLoggingInWhereThatIsRequired() {
    // Also not who may relay by his address, or to a domain that is taken from everybody.
    var stage =
        AuthLines.start(
            AuthLines.plan()
                .with(REQUIRED)
                .with("relay_hosts = ( \"0.0.0.0/0\" )\nrelay_domains = ( \"y.test\" )"));
    var caller = greeted(stage);
    assertThat(stage.say(caller, "MAIL FROM:<a@x.test>\r\nRCPT TO:<b@y.test>\r\nDATA\r\n"))
        .containsExactly("530 5.7.0", "503 5.5.1", "503 5.5.1");
    assertThat(stage.say(caller, "NOOP\r\nRSET\r\n")).containsExactly("250 2.0.0", "250 2.0.0");
    assertThat(stage.say(caller, PLAIN + SmtpStage.MAIL))
        .containsExactly("235 2.7.0", "250 2.1.0", "250 2.1.5", "354", "250 2.0.0");
    assertThat(stage.spool.kept).hasSize(1);
    stage.checkNothingIsLeft();
  }

  @Test
  void whoHasLoggedInMayRelayAndTheMailSaysSo() {
    var stage = AuthLines.start();
    var caller = greeted(stage);
    assertThat(stage.say(caller, "MAIL FROM:<a@x.test>\r\nRCPT TO:<b@y.test>\r\nRSET\r\n"))
        .containsExactly("250 2.1.0", "550 5.7.1", "250 2.0.0");
    stage.say(caller, PLAIN + SmtpStage.MAIL);
    // Another greeting is not another client (RFC 4954 section 4 names TLS alone).
    stage.say(caller, EHLO + SmtpStage.MAIL);
    assertThat(stage.spool.kept).hasSize(2);
    for (var kept : stage.spool.kept) {
      assertThat(kept.content()).startsWith("Received: from c.test ").contains(" with ESMTPA id ");
      assertThat(kept.content()).doesNotContain("alice");
    }
    var utf8 = "MAIL FROM:<a@x.test> SMTPUTF8\r\nRCPT TO:<b@y.test>\r\nDATA\r\nhello\r\n.\r\n";
    stage.say(caller, utf8);
    assertThat(stage.spool.kept.getLast().content()).contains(" with UTF8SMTPA id ");
    stage.checkNothingIsLeft();
  }

  @ParameterizedTest
  @CsvSource({
    "AUTH=<>, 250 2.1.0",
    "auth=<>, 250 2.1.0",
    "AUTH=e+3Dmc2@x.test, 250 2.1.0",
    "AUTH=<> SIZE=10 BODY=8BITMIME, 250 2.1.0",
    "AUTH=, 501 5.5.4",
    "AUTH, 501 5.5.4"
  })
  void mailMayNameWhoItIsFrom(String parameter, String code) {
    var stage = strict();
    var caller = stage.call(EHLO + PLAIN);
    assertThat(stage.say(caller, "MAIL FROM:<> " + parameter + "\r\n")).containsExactly(code);
    stage.checkNothingIsLeft();
  }

  @Test
  void unknownNameIsAnsweredAsAWrongPasswordIs() {
    var stage = AuthLines.start();
    var caller = greeted(stage);
    stage.say(caller, "AUTH PLAIN " + base64("\0nobody\0wonderland") + "\r\n");
    stage.world.run(2 * SmtpStage.SECOND);
    assertThat(caller.codes()).endsWith("535 5.7.8");
    assertThat(stage.hashing.submitted).isEqualTo(1);
    assertThat(stage.audit.getFirst().reason()).isEqualTo("unknown");
    assertThat(stage.audit.getFirst().where().service()).isEqualTo("smtp");
    assertThat(stage.audit.getFirst().where().peer()).startsWith("198.51.100.7");
    stage.checkNothingIsLeft();
  }

  @Test
  void wrongPasswordIsAnsweredLateAndEachTimeLater() {
    var stage = AuthLines.start(AuthLines.plan().with("idle_time = 1s"));
    var caller = greeted(stage);
    for (long seconds : new long[] {1, 2, 4}) {
      int answers = caller.codes().size();
      caller.say(WRONG_PLAIN);
      stage.world.run(seconds * SmtpStage.SECOND - SmtpStage.MOMENT);
      assertThat(caller.codes()).as("before %d s", seconds).hasSize(answers);
      stage.world.run(2 * SmtpStage.MOMENT);
      assertThat(caller.codes(answers)).containsExactly("535 5.7.8");
    }
    // Meanwhile no time of the client's ran; now it does.
    stage.world.run(2 * SmtpStage.SECOND);
    assertThat(caller.codes()).endsWith("421 4.4.2");
    stage.checkNothingIsLeft();
  }

  @Test
  void whoGuessesTooOftenIsRefusedUnseenUntilItIsForgotten() {
    var limits = new GuessLimits(2, 20, 30 * SmtpStage.SECOND, 10, 0, 0);
    var stage = AuthLines.start(AuthLines.plan(limits));
    var caller = greeted(stage);
    assertThat(stage.say(caller, WRONG_PLAIN + WRONG_PLAIN))
        .containsExactly("535 5.7.8", "535 5.7.8");
    assertThat(stage.say(caller, PLAIN)).containsExactly("454 4.7.0");
    assertThat(stage.hashing.submitted).isEqualTo(2);
    assertThat(stage.audit.getLast().type().word()).isEqualTo("authentication_refused");
    stage.world.run(31 * SmtpStage.SECOND);
    assertThat(stage.say(caller, PLAIN)).containsExactly("235 2.7.0");
    stage.checkNothingIsLeft();
  }

  @Test
  void whatCannotBeDecidedIsATemporaryFailure() {
    var stage = AuthLines.start();
    var caller = greeted(stage);
    stage.accounts.failure = "the database is away";
    assertThat(stage.say(caller, PLAIN)).containsExactly("454 4.7.0");
    assertThat(stage.say(caller, "AUTH SCRAM-SHA-256 " + base64("n,,n=alice,r=x") + "\r\n"))
        .containsExactly("454 4.7.0");
    assertThat(caller.received()).doesNotContain("database");
    stage.accounts.failure = "";
    stage.hashing.full = true;
    assertThat(stage.say(caller, LOGIN)).containsExactly("334", "334", "454 4.7.0");
    stage.hashing.full = false;
    assertThat(stage.say(caller, PLAIN)).containsExactly("235 2.7.0");
    stage.checkNothingIsLeft();
  }
}
