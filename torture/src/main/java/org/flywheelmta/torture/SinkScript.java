package org.flywheelmta.torture;

import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.flywheelmta.clients.Action;
import org.flywheelmta.clients.Decision;
import org.flywheelmta.clients.Moment;
import org.flywheelmta.clients.ReceiverCounts;
import org.flywheelmta.clients.Script;
import org.jspecify.annotations.Nullable;

/**
 * A {@link Script} as the {@link Sink} follows it, so that it can be judged what a server made of
 * it. Any thread may ask.
 *
 * <ul>
 *   <li>For good is for good: whom the script has once answered with 5xx, that recipient, or at
 *       MAIL that sender, gets the same answer ever after, whatever it says of later times. A
 *       server that was killed before it noted the refusal then comes to the same end.
 *   <li>A notification is never refused for good, since it would be gone, and nothing could be said
 *       of its mail; the ordinary reply is given.
 *   <li>Whom the script puts off and would put off again is written into the record as held, and
 *       when that ends as freed.
 * </ul>
 */
final class SinkScript {
  /** How many are remembered as refused for good; beyond them the script refuses nobody. */
  static final int REFUSED_MAX = 1_000_000;

  private final Script script;
  private final SinkRecord record;
  private final ReceiverCounts counts = new ReceiverCounts();
  private final Map<String, Action.Answer> refused = new ConcurrentHashMap<>();

  /** Bounded, as a server's queue is, by who waits to come again. */
  private final Map<String, Held> held = new ConcurrentHashMap<>();

  /** What was put off, as it would come again. */
  private record Held(Moment moment, String sender, List<String> whom) {
    Held {
      whom = List.copyOf(whom);
    }
  }

  /**
   * @param script of its own: it counts
   * @param record stays the caller's
   */
  SinkScript(Script script, SinkRecord record) {
    this.script = script;
    this.record = record;
  }

  /** What a rule says that could not be judged; null for nothing. */
  static @Nullable String objection(Moment moment, Action action) {
    return switch (action) {
      case Action.Say _ -> "what a server makes of octets cannot be judged: no 'say' here";
      case Action.Answer(int code, _) -> objection(moment, code);
      case Action.Ordinary _, Action.Close _, Action.Reset _, Action.Silence _ -> null;
    };
  }

  private static @Nullable String objection(Moment moment, int code) {
    return switch (code / 100) {
      case 4 -> null;
      case 5 ->
          moment == Moment.CONNECT || moment == Moment.EHLO
              ? "whom a 5xx before MAIL concerns cannot be judged"
              : null;
      case 3 -> code == 354 && moment == Moment.DATA ? null : misplaced(moment, code);
      case 2 -> moment == Moment.DATA ? misplaced(moment, code) : null;
      default -> misplaced(moment, code);
    };
  }

  private static String misplaced(Moment moment, int code) {
    return "what a server makes of " + code + " at " + moment.word() + " cannot be judged";
  }

  /** What it has done so far. */
  ReceiverCounts counts() {
    return counts;
  }

  /** The same as lines, none without a script. */
  List<String> lines() {
    return counts.byScript().entrySet().stream()
        .map(each -> "by script: " + each.getKey() + ", " + each.getValue())
        .toList();
  }

  /**
   * What the sink is to do.
   *
   * @param whom the recipients; at RCPT the one that is named
   */
  Decision decide(Moment moment, String sender, List<String> whom) throws IOException {
    if (script.isOrdinary()) {
      return Decision.ORDINARY;
    }
    var earlier = earlier(moment, sender, whom);
    if (earlier != null) {
      refused(earlier.code(), List.of(name(moment, sender, whom)));
      return new Decision(0, earlier);
    }
    var decision = script.decide(moment, sender, whom);
    if (decision.action() instanceof Action.Answer answer && answer.code() / 100 == 5) {
      if (refuse(moment, sender, whom, answer)) {
        return decision;
      }
      decision = new Decision(decision.waitNanos(), new Action.Ordinary());
    }
    note(new Held(moment, sender, whom), decision);
    return decision;
  }

  /** Who is told from others at that moment: the recipient, the sender, or nobody. */
  private static String name(Moment moment, String sender, List<String> whom) {
    return switch (moment) {
      case MAIL -> sender.isEmpty() ? "-" : sender;
      case RCPT -> whom.getFirst();
      default -> "-";
    };
  }

  private Action.@Nullable Answer earlier(Moment moment, String sender, List<String> whom) {
    boolean bySender = moment == Moment.MAIL;
    boolean named = (bySender || moment == Moment.RCPT) && !sender.isEmpty();
    return named ? refused.get(name(moment, sender, whom)) : null;
  }

  /** Refuses for good; false where nobody is to be refused. */
  private boolean refuse(Moment moment, String sender, List<String> whom, Action.Answer answer)
      throws IOException {
    var names =
        switch (moment) {
          case MAIL -> List.of(sender);
          case RCPT, DATA, END -> whom;
          // It concerns no mail.
          case CONNECT, EHLO, BODY, RSET, NOOP, QUIT -> List.<String>of();
        };
    if (names.isEmpty()) {
      return true;
    }
    if (sender.isEmpty() || refused.size() + names.size() > REFUSED_MAX) {
      return false;
    }
    names.forEach(name -> refused.put(name, answer));
    refused(answer.code(), names);
    return true;
  }

  private void refused(int code, List<String> names) throws IOException {
    for (var name : names) {
      record.refused(code, name);
    }
  }

  /** Whether the server must come again. */
  private static boolean putsOff(Decision decision) {
    return switch (decision.action()) {
      case Action.Answer(int code, _) -> code / 100 == 4;
      case Action.Close _, Action.Reset _, Action.Silence _ -> true;
      case Action.Ordinary _, Action.Say _ -> false;
    };
  }

  private void note(Held what, Decision decision) throws IOException {
    var names =
        switch (what.moment()) {
          case CONNECT, EHLO, MAIL, RCPT ->
              List.of(name(what.moment(), what.sender(), what.whom()));
          case DATA, BODY, END -> what.whom();
          case RSET, NOOP, QUIT -> List.<String>of();
        };
    boolean holds =
        putsOff(decision) && putsOff(script.foresee(what.moment(), what.sender(), what.whom()));
    for (var name : names) {
      var key = what.moment().word() + ' ' + name;
      if (holds) {
        held.put(key, what);
        record.held(what.moment(), name);
      } else if (held.remove(key) != null) {
        record.freed(what.moment(), name);
      }
    }
  }

  /** Frees whom the script would let through by now, since others used its times up. */
  void review() throws IOException {
    for (var each : List.copyOf(held.entrySet())) {
      var what = each.getValue();
      boolean holds = putsOff(script.foresee(what.moment(), what.sender(), what.whom()));
      if (!holds && held.remove(each.getKey(), what)) {
        var key = each.getKey();
        record.freed(what.moment(), key.substring(key.indexOf(' ') + 1));
      }
    }
  }
}
