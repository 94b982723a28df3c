package org.flywheelmta.smtp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.flywheelmta.smtp.AuthLines.EHLO;
import static org.flywheelmta.smtp.AuthLines.GOOD;
import static org.flywheelmta.smtp.AuthLines.LOGIN;
import static org.flywheelmta.smtp.AuthLines.PLAIN;
import static org.flywheelmta.smtp.AuthLines.WRONG;
import static org.flywheelmta.smtp.AuthLines.WRONG_PLAIN;
import static org.flywheelmta.smtp.AuthLines.base64;

import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import org.flywheelmta.auth.GuessLimits;
import org.flywheelmta.sim.Seeds;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Many guesses at passwords, and many commands in no order. */
final class AuthGuessesTest {
  private static final int GUESSES = 2_000;
  private static final int SEQUENCES = 600;
  private static final int MOST_STEPS = 25;
  // Many, so that sequences are about more than refusals; delays, so that time matters.
  private static final GuessLimits WIDE =
      new GuessLimits(
          100_000,
          100_000,
          TimeUnit.SECONDS.toNanos(1),
          100_000,
          TimeUnit.MILLISECONDS.toNanos(50),
          TimeUnit.MILLISECONDS.toNanos(200));
  private static final String[] LINES = {
    EHLO,
    EHLO,
    "HELO c.test\r\n",
    PLAIN,
    PLAIN,
    WRONG_PLAIN,
    LOGIN,
    "AUTH LOGIN\r\n",
    "AUTH PLAIN\r\n",
    "AUTH PLAIN =\r\n",
    "AUTH PLAIN !\r\n",
    "AUTH\r\n",
    "AUTH CRAM-MD5\r\n",
    "AUTH SCRAM-SHA-256\r\n",
    "AUTH SCRAM-SHA-256 " + base64("n,,n=alice,r=x") + "\r\n",
    "AUTH SCRAM-SHA-256 " + base64("p=tls-exporter,,n=alice,r=x") + "\r\n",
    base64("c=biws,r=x,p=AAAA") + "\r\n",
    GOOD + "\r\n",
    WRONG + "\r\n",
    "*\r\n",
    "=\r\n",
    "\r\n",
    "\n",
    "A".repeat(3_000) + "\r\n",
    "A".repeat(13_000) + "\r\n",
    "MAIL FROM:<a@x.test> AUTH=<>\r\n",
    "MAIL FROM:<a@x.test>\r\n",
    "RCPT TO:<b@y.test>\r\n",
    "DATA\r\nhello\r\n.\r\n",
    "RSET\r\n",
    "NOOP\r\n",
    "STARTTLS\r\n",
    "QUIT x\r\n"
  };

  @ParameterizedTest
  @ValueSource(ints = {1, 20, 2_000})
  void ofManyGuessesOfOneAddressFewAreHashed(int connections) {
    var limits = GuessLimits.DEFAULT;
    var stage =
        AuthLines.start(AuthLines.plan().with("max_errors = 10000").sessions(connections + 1));
    long begun = stage.world.clock().nanoTime();
    var callers = new ArrayList<Caller>();
    for (int i = 0; i < connections; i++) {
      var caller = stage.call();
      callers.add(caller);
      // At each name only as often as names bear, so that the address is what counts.
      var said = new StringBuilder(EHLO);
      for (int guess = 0; guess < GUESSES / connections; guess++) {
        said.append("AUTH PLAIN ")
            .append(base64("\0user" + i + "-" + guess + "\0x"))
            .append("\r\n");
      }
      caller.say(said + "QUIT\r\n");
    }
    assertThat(
            stage.world.runUntil(
                () -> callers.stream().allMatch(Caller::closed), 3_600 * SmtpStage.SECOND))
        .as("all are answered")
        .isTrue();
    long forgotten = (stage.world.clock().nanoTime() - begun) / limits.forgetNanos() + 1;
    // What is under way weighs an eighth; what has failed weighs whole.
    int atOnce = Math.min(connections, 7 * limits.addressFailures());
    assertThat(stage.hashing.submitted)
        .isBetween(limits.addressFailures(), (int) (limits.addressFailures() + forgotten + atOnce));
    var codes = callers.stream().flatMap(caller -> caller.codes().stream()).toList();
    assertThat(codes).filteredOn("535 5.7.8"::equals).hasSize(stage.hashing.submitted);
    assertThat(codes).filteredOn("454 4.7.0"::equals).hasSize(GUESSES - stage.hashing.submitted);
    // And what the guesses leave behind is bounded too: of refusals there is a sum.
    assertThat(stage.audit).hasSizeLessThan(2 * stage.hashing.submitted + 20);
    stage.checkNothingIsLeft();
  }

  @Test
  void commandsInNoOrderNeverThrow() {
    var stage =
        AuthLines.start(
            AuthLines.plan(WIDE)
                .with("auth_required = on\nrelay_domains = ( \"y.test\" )\nmax_errors = 12"));
    var seen = new int[3];
    Seeds.upTo(SEQUENCES)
        .forEach(
            seed -> {
              try {
                var codes = session(stage, new SplittableRandom(seed));
                seen[0] += codes.contains("235 2.7.0") ? 1 : 0;
                seen[1] += codes.contains("454 4.7.0") ? 1 : 0;
                seen[2] += codes.contains("250 2.1.0") ? 1 : 0;
              } catch (AssertionError wrong) {
                throw new AssertionError(
                    Seeds.replayCommand(AuthGuessesTest.class, seed) + "\n" + wrong.getMessage(),
                    wrong);
              }
            });
    if (Long.getLong(Seeds.SEED_PROPERTY) == null) {
      assertThat(seen).as("successes, temporary failures, senders").doesNotContain(0);
    }
  }

  private static List<String> session(SmtpStage stage, SplittableRandom random) {
    stage.accounts.holding = random.nextInt(4) == 0;
    stage.accounts.failure = random.nextInt(8) == 0 ? "away" : "";
    stage.hashing.holding = random.nextInt(4) == 0;
    stage.hashing.full = random.nextInt(8) == 0;
    var caller = stage.call();
    if (random.nextBoolean()) {
      caller.say(EHLO);
    }
    for (int steps = 1 + random.nextInt(MOST_STEPS); steps > 0; steps--) {
      caller.say(LINES[random.nextInt(LINES.length)]);
      if (random.nextInt(3) == 0) {
        stage.world.run(random.nextLong(100_000_000L));
      }
      if (random.nextInt(6) == 0) {
        stage.accounts.letGo();
        stage.hashing.run();
      }
    }
    if (random.nextInt(3) == 0) {
      caller.hangUp();
    }
    for (int i = 0; i < 10; i++) {
      stage.accounts.letGo();
      stage.hashing.run();
      stage.moment();
    }
    var codes = caller.codes();
    assertThat(codes).doesNotContain("421 4.3.0");
    int login = codes.indexOf("235 2.7.0");
    int sender = codes.indexOf("250 2.1.0");
    assertThat(codes.lastIndexOf("235 2.7.0")).as("logins").isEqualTo(login);
    if (sender >= 0) {
      assertThat(login).as("a login before %d of %s", sender, codes).isBetween(0, sender);
    }
    stage.accounts.holding = false;
    stage.hashing.holding = false;
    stage.checkNothingIsLeft();
    return codes;
  }
}
