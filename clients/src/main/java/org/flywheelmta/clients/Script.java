package org.flywheelmta.clients;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * How a {@link Receiver} behaves, one rule a line; of those that fit the first counts, and where
 * none does the receiver takes what it is given. It counts how often each rule has fitted, so it is
 * for one receiver. Any thread may ask.
 *
 * <pre>
 * # MOMENT [to=PATTERN] [from=PATTERN] [time=N|N-M|N-] [every=N] [per=to|from] [wait TIME] [ACTION]
 * connect time=1-2                    421 4.3.2 busy
 * rcpt    to=bob@* time=1             450 4.2.1 not this time
 * rcpt    to=*@grey.test time=1-2 per=to  451 4.7.1 greylisted
 * rcpt    to=*@gone.test              550 5.1.1 no such user
 * data    from=*@slow.test            wait 5s
 * body    every=10                    reset
 * end     to=*@late.test              wait 2s 451 4.3.0 not this time
 * end     to=*@mute.test              silence
 * ehlo                                250 sink.test\nSIZE 1000\n8BITMIME
 * mail                                say 250 never ended
 * </pre>
 *
 * <p>A MOMENT is one of {@link Moment}. A star in a PATTERN stands for anything; {@code to} fits
 * when one of the recipients does, at RCPT the one that is named. {@code time} is the how manieth
 * time it is that moment and patterns fit, over all sessions; with {@code per=to} for each
 * recipient apart, the first that fits where a mail has several, with {@code per=from} for each
 * sender. Of those {@link Times#NAMES_MAX} are remembered. An ACTION is a reply, in which {@code
 * \n} begins another line; {@code say} with octets as they are, in which {@code \r} and {@code \n}
 * are line ends; {@code close}, {@code reset} or {@code silence}; or nothing, for the ordinary
 * reply.
 */
public final class Script {
  /** A script is short; a longer file is none. */
  static final int RULES_MAX = 10_000;

  private final List<Rule> rules;

  /** What a server that can do less than a {@link Receiver} has against a rule. */
  public interface Objection {
    /** A sentence for whoever wrote the rule; null where there is nothing against it. */
    @Nullable String to(Moment moment, Action action);
  }

  private Script(List<Rule> rules) {
    this.rules = List.copyOf(rules);
  }

  /** Takes everything. */
  public static Script ordinary() {
    return new Script(List.of());
  }

  /**
   * Reads a file.
   *
   * @throws BadScript when a line says nothing that can be done
   */
  public static Script read(Path file) throws IOException {
    try {
      return parse(file.toString(), Files.readString(file));
    } catch (NoSuchFileException missing) {
      throw new IOException("cannot read the script " + file + ": there is no such file", missing);
    }
  }

  /**
   * Reads a script.
   *
   * @param name of it, for errors
   * @throws BadScript when a line says nothing that can be done
   */
  public static Script parse(String name, String text) {
    var rules = new ArrayList<Rule>();
    int number = 0;
    for (var line : text.lines().toList()) {
      number++;
      var trimmed = line.strip();
      if (trimmed.isEmpty() || trimmed.startsWith("#")) {
        continue;
      }
      if (rules.size() == RULES_MAX) {
        throw new BadScript(name + ":" + number + ": more than " + RULES_MAX + " rules");
      }
      rules.add(new RuleReader(name + ":" + number + ": ", trimmed).rule());
    }
    return new Script(rules);
  }

  /** Whether it has no rule. */
  public boolean isOrdinary() {
    return rules.isEmpty();
  }

  /**
   * Shows each rule to whoever may have something against it.
   *
   * @throws BadScript at the first objection
   */
  public void examine(Objection objection) {
    for (var rule : rules) {
      var sentence = objection.to(rule.moment(), rule.action());
      if (sentence != null) {
        throw new BadScript(rule.place() + sentence);
      }
    }
  }

  /**
   * What to do now; it counts as a time.
   *
   * @param recipients those of the mail; at RCPT the one that is named
   */
  public Decision decide(Moment moment, String sender, List<String> recipients) {
    for (var rule : rules) {
      var decision = rule.decide(moment, sender, recipients);
      if (decision != null) {
        return decision;
      }
    }
    return Decision.ORDINARY;
  }

  /**
   * What {@link #decide} would say if the same came now; nothing is counted.
   *
   * @param recipients those of the mail; at RCPT the one that is named
   */
  public Decision foresee(Moment moment, String sender, List<String> recipients) {
    for (var rule : rules) {
      var decision = rule.foresee(moment, sender, recipients);
      if (decision != null) {
        return decision;
      }
    }
    return Decision.ORDINARY;
  }
}
