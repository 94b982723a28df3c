package org.flywheelmta.clients;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.TypeConversionException;

/** Reads one rule of a {@link Script}, word by word. For one thread. */
final class RuleReader {
  private static final DurationWords DURATIONS = new DurationWords();

  private final String place;
  private String rest;
  private @Nullable Wildcard to;
  private @Nullable Wildcard from;
  private long firstTime = 1;
  private long lastTime = Long.MAX_VALUE;
  private long every = 1;
  private Rule.Per per = Rule.Per.ALL;
  private long waitNanos;

  /**
   * @param place where the line stands, the beginning of each error
   */
  RuleReader(String place, String line) {
    this.place = place;
    this.rest = line;
  }

  Rule rule() {
    var moment = moment(word());
    while (condition()) {
      // Each turn is one condition.
    }
    if (peek().equals("wait")) {
      word();
      waitNanos = nanos(word());
    }
    return new Rule(
        place,
        moment,
        new Rule.Condition(to, from, per, firstTime, lastTime, every),
        new Decision(waitNanos, action(moment)));
  }

  private String peek() {
    int blank = blank();
    return rest.substring(0, blank);
  }

  private int blank() {
    int end = 0;
    while (end < rest.length() && !Character.isWhitespace(rest.charAt(end))) {
      end++;
    }
    return end;
  }

  private String word() {
    int end = blank();
    var word = rest.substring(0, end);
    rest = rest.substring(end).strip();
    return word;
  }

  private Moment moment(String word) {
    return Stream.of(Moment.values())
        .filter(each -> each.word().equals(word.toLowerCase(Locale.ROOT)))
        .findFirst()
        .orElseThrow(
            () ->
                bad(
                    "'"
                        + word
                        + "' is no moment; there are "
                        + String.join(
                            ", ", Stream.of(Moment.values()).map(Moment::word).toList())));
  }

  /** Takes one condition; false when the next word is none. */
  private boolean condition() {
    var word = peek();
    int sign = word.indexOf('=');
    if (sign < 0) {
      return false;
    }
    var value = word.substring(sign + 1);
    switch (word.substring(0, sign)) {
      case "to" -> to = new Wildcard(value);
      case "from" -> from = new Wildcard(value);
      case "time" -> time(value);
      case "every" -> every = count(value);
      case "per" -> per = per(value);
      default -> {
        return false;
      }
    }
    word();
    return true;
  }

  private Rule.Per per(String value) {
    return switch (value) {
      case "to" -> Rule.Per.RECIPIENT;
      case "from" -> Rule.Per.SENDER;
      default -> throw bad("'" + value + "' is neither to nor from");
    };
  }

  private void time(String value) {
    int dash = value.indexOf('-');
    firstTime = count(dash < 0 ? value : value.substring(0, dash));
    if (dash < 0) {
      lastTime = firstTime;
    } else if (dash + 1 < value.length()) {
      lastTime = count(value.substring(dash + 1));
    }
    if (lastTime < firstTime) {
      throw bad("'" + value + "' ends before it begins");
    }
  }

  private long count(String text) {
    try {
      long count = Long.parseLong(text);
      if (count > 0) {
        return count;
      }
    } catch (NumberFormatException noNumber) {
      // Falls through to the sentence below.
    }
    throw bad("'" + text + "' is no number from 1");
  }

  private long nanos(String text) {
    try {
      return DURATIONS.convert(text).toNanos();
    } catch (TypeConversionException wrong) {
      throw bad(String.valueOf(wrong.getMessage()));
    }
  }

  private Action action(Moment moment) {
    return switch (peek()) {
      case "" -> new Action.Ordinary();
      case "close" -> alone(new Action.Close());
      case "reset" -> alone(new Action.Reset());
      case "silence" -> alone(new Action.Silence());
      case "say" -> {
        word();
        yield new Action.Say(octets(rest.replace("\\r", "\r").replace("\\n", "\n")));
      }
      default -> answer(moment);
    };
  }

  private Action alone(Action action) {
    word();
    if (!rest.isEmpty()) {
      throw bad("'" + rest + "' is too much");
    }
    return action;
  }

  private Action answer(Moment moment) {
    var word = word();
    var code = code(word);
    if (code.isEmpty()) {
      throw bad(
          "'" + word + "' is no action; there are CODE TEXT, say TEXT, close, reset and silence");
    }
    if (moment == Moment.BODY) {
      throw bad("nothing can be answered within a body; wait, close, reset or be silent");
    }
    return new Action.Answer(code.get(), List.of(octets(rest).split("\\\\n", -1)));
  }

  private static Optional<Integer> code(String word) {
    boolean digits = word.length() == 3 && word.chars().allMatch(c -> c >= '0' && c <= '9');
    return digits && word.charAt(0) >= '2' ? Optional.of(Integer.parseInt(word)) : Optional.empty();
  }

  /** UTF-8, an octet a character, as the wire writes it. */
  private static String octets(String text) {
    return new String(text.getBytes(StandardCharsets.UTF_8), StandardCharsets.ISO_8859_1);
  }

  private BadScript bad(String text) {
    return new BadScript(place + text);
  }
}
