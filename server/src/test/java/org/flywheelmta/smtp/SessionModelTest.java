package org.flywheelmta.smtp;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.SplittableRandom;
import org.flywheelmta.message.Address;
import org.flywheelmta.sim.Seeds;
import org.flywheelmta.spool.MemorySpool;
import org.junit.jupiter.api.Test;

/**
 * Random sessions against {@link SessionModel}: the same replies, the same mails, in any pieces.
 */
final class SessionModelTest {
  private static final int SEQUENCES = 2_000;
  private static final int MOST_STEPS = 40;
  private static final String[] COMMANDS = {
    "EHLO c.test",
    "EHLO c.test",
    "helo c.test",
    "EHLO",
    "EHLO a b",
    "MAIL FROM:<a@x.test>",
    "MAIL FROM:<a@x.test>",
    "MAIL FROM:<>",
    "MAIL FROM:<a@x.test> SIZE=100",
    "MAIL FROM:<a@x.test> SIZE=201",
    "MAIL FROM:<a@x.test> FOO",
    "MAIL FROM:<a@x.test> SMTPUTF8",
    "MAIL FROM:<\u00c3\u00bc@x.test> SMTPUTF8",
    "MAIL FROM:<\u00c3\u00bc@x.test>",
    "MAIL FROM:<\u00fc@x.test> SMTPUTF8",
    "MAIL FROM:<a@\u00c3\u00bc-.test> SMTPUTF8",
    "MAIL FROM:<a@x.test> SMTPUTF8=1",
    "MAIL FROM:a@x.test",
    "MAIL",
    "RCPT TO:<b@y.test>",
    "RCPT TO:<b@y.test>",
    "RCPT TO:<c@y.test>",
    "RCPT TO:<b@z.test>",
    "RCPT TO:<\u00c3\u00bc@y.test>",
    "RCPT TO:<b@B\u00c3\u009ccher.test>",
    "RCPT TO:<b@xn--bcher-kva.test>",
    "RCPT TO:<b@\u00c3\u00bc.test>",
    "RCPT TO:<b@\u00c3\u00bc-.test>",
    "RCPT TO:<\u00fc@y.test>",
    "RCPT TO:<b>",
    "RCPT",
    "DATA",
    "DATA",
    "DATA",
    "DATA x",
    "RSET",
    "RSET x",
    "NOOP",
    "noop x",
    "HELP",
    "VRFY b",
    "VRFY",
    "QUIT x",
    "EXPN b",
    "STARTTLS",
    "FOO",
    "",
    ".",
    "NO\0OP",
    "\r"
  };

  /** One session: what the client says, and what the model makes of it. */
  private static final class Script {
    final StringBuilder said = new StringBuilder();
    final SessionModel model = new SessionModel();

    Script(SplittableRandom random) {
      int steps = 1 + random.nextInt(MOST_STEPS);
      // Most sessions begin as a client's would.
      int polite = random.nextInt(4) == 0 ? 0 : 1;
      boolean utf8 = random.nextBoolean();
      // What follows the close is left unsaid: unread input would reset the connection, and with it
      // answers that are under way.
      for (int i = 0; i < steps && !model.closed(); i++) {
        if (model.inData()) {
          var data = MailText.random(random, random.nextInt(40)) + "\r\n.\r\n";
          if (random.nextInt(3) > 0) {
            data = data.replaceAll("(?<!\r)\n|\r(?!\n)", "");
          }
          if (random.nextInt(8) == 0) {
            data = "long line\r\n".repeat(30) + data;
          }
          // Only up to the first end: what is behind it would be commands.
          data = data.substring(0, MailText.of(data, false).consumed());
          said.append(data);
          model.body(data);
        } else {
          var command =
              polite > 0 ? politeStep(i, utf8) : COMMANDS[random.nextInt(COMMANDS.length)];
          if (i > 4) {
            polite = random.nextInt(3);
          }
          said.append(command).append("\r\n");
          model.command(command);
        }
      }
      if (model.inData()) {
        said.append(".\r\n");
        model.body(".\r\n");
      }
      if (!model.closed()) {
        said.append("QUIT\r\n");
        model.command("QUIT");
      }
    }

    private static String politeStep(int step, boolean utf8) {
      return switch (step % 6) {
        case 0 -> "EHLO c.test";
        case 1 -> "MAIL FROM:<a@x.test>" + (utf8 ? " SMTPUTF8" : "");
        case 2 -> utf8 ? "RCPT TO:<\u00c3\u00bc@y.test>" : "RCPT TO:<b@y.test>";
        case 3 -> "RCPT TO:<c@y.test>";
        default -> "DATA";
      };
    }
  }

  private static void check(SmtpStage stage, Script script, SplittableRandom pieces) {
    stage.spool.kept.clear();
    var caller = stage.call();
    var said = script.said.toString();
    int from = 0;
    for (int i = pieces.nextInt(4); i > 0 && from < said.length(); i--) {
      int to = from + pieces.nextInt(said.length() - from + 1);
      caller.say(said.substring(from, to));
      stage.world.run(3_000_000);
      from = to;
    }
    caller.say(said.substring(from));
    assertThat(stage.world.runUntil(caller::closed, 10 * SmtpStage.SECOND)).as("closed").isTrue();
    assertThat(caller.codes()).isEqualTo(script.model.answers);
    assertThat(stage.spool.kept.stream().map(SessionModelTest::mail).toList())
        .isEqualTo(script.model.mails);
    stage.takeMessages();
  }

  private static SessionModel.Mail mail(MemorySpool.Kept kept) {
    return new SessionModel.Mail(
        kept.sender().toString(),
        kept.recipients().stream().map(Address::toString).toList(),
        kept.content());
  }

  private static boolean utf8(SessionModel.Mail mail) {
    return mail.recipients().stream().anyMatch(to -> to.chars().anyMatch(c -> c > 127));
  }

  private static SmtpStage stage(long seed) {
    return SmtpStage.plan().seed(seed).only(SessionModel.OPTIONS).start();
  }

  @Test
  void anySessionIsAnsweredAsByTheModel() {
    var whole = stage(1);
    var pieces = stage(2);
    pieces.cut(9);
    var mails = new int[2];
    Seeds.upTo(SEQUENCES)
        .forEach(
            seed -> {
              var script = new Script(new SplittableRandom(seed));
              mails[0] += script.model.mails.size();
              mails[1] +=
                  script.model.mails.stream().filter(SessionModelTest::utf8).toList().size();
              for (var stage : List.of(whole, pieces)) {
                try {
                  check(stage, script, new SplittableRandom(seed + (stage == whole ? 0 : 1)));
                } catch (AssertionError wrong) {
                  throw new AssertionError(
                      Seeds.replayCommand(SessionModelTest.class, seed)
                          + "\n"
                          + MailText.show(script.said.toString())
                          + "\n"
                          + wrong.getMessage(),
                      wrong);
                }
              }
            });
    whole.checkNothingIsLeft();
    pieces.checkNothingIsLeft();
    // The sequences reach what they are about.
    assertThat(mails[0]).isGreaterThan(0);
    assertThat(mails[1]).isGreaterThan(0);
  }
}
