package org.flywheelmta.torture;

import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.LongAdder;
import java.util.regex.Pattern;
import org.flywheelmta.clients.Outcome;
import org.flywheelmta.clients.Reply;

/** What became of the mails of an {@link Offering} so far. Any thread may add and ask. */
public final class OfferingCounts {
  /** Kinds of refusals beyond this are counted together. */
  private static final int REFUSALS_MAX = 50;

  private static final Pattern ENHANCED = Pattern.compile("\\d\\.\\d{1,3}\\.\\d{1,3}( .*)?");

  /** Mails whose time came, whether they were offered or not. */
  final LongAdder arrived = new LongAdder();

  /** Arrivals for which there was no room to wait in. */
  final LongAdder notOffered = new LongAdder();

  /** Mails of which a session took hold at least once. */
  final LongAdder offered = new LongAdder();

  final LongAdder acknowledged = new LongAdder();
  final LongAdder refused = new LongAdder();
  final LongAdder unknown = new LongAdder();
  final LongAdder unsent = new LongAdder();

  /** Mails that still waited when the offering was stopped. */
  final LongAdder left = new LongAdder();

  /** Refusals after which the mail was offered again. */
  final LongAdder retried = new LongAdder();

  final LongAdder connections = new LongAdder();
  private final Map<String, LongAdder> refusals = new ConcurrentHashMap<>();

  void count(Outcome outcome) {
    switch (outcome) {
      case Outcome.Acknowledged _ -> acknowledged.increment();
      case Outcome.Refused _ -> refused.increment();
      case Outcome.Unknown _ -> unknown.increment();
      case Outcome.Unsent _ -> unsent.increment();
    }
  }

  /** A refusal of a mail, also one after which it is offered again. */
  void refusal(int code, String text) {
    refusal(kind(code, text));
  }

  void refusedConnection(Reply reply) {
    refusal("connection " + kind(reply.code(), reply.text()));
  }

  private void refusal(String kind) {
    boolean room = refusals.size() < REFUSALS_MAX || refusals.containsKey(kind);
    refusals.computeIfAbsent(room ? kind : "others", k -> new LongAdder()).increment();
  }

  /** The code, and the enhanced code (RFC 3463) where there is one. */
  static String kind(int code, String text) {
    return ENHANCED.matcher(text).matches() ? code + " " + text.split(" ", 2)[0] : "" + code;
  }

  /** Mails whose time came so far. */
  public long arrivedMails() {
    return arrived.sum();
  }

  /** Mails that were acknowledged so far. */
  public long acknowledgedMails() {
    return acknowledged.sum();
  }

  /** Mails of which a session took hold so far. */
  public long offeredMails() {
    return offered.sum();
  }

  /**
   * Mails that had their time and came to nothing: not offered, refused, of unknown fate, unsent or
   * still waiting at the stop.
   */
  public long failedMails() {
    return notOffered.sum() + refused.sum() + unknown.sum() + unsent.sum() + left.sum();
  }

  /** How often each kind of refusal came, by kind. */
  Map<String, Long> refusals() {
    var sorted = new TreeMap<String, Long>();
    refusals.forEach((kind, times) -> sorted.put(kind, times.sum()));
    return sorted;
  }

  /** The kinds of refusals with their numbers, or that there was none. */
  public String refusalLine() {
    var line = new StringBuilder();
    refusals().forEach((kind, times) -> line.append("  ").append(kind).append(": ").append(times));
    return line.isEmpty() ? "  none" : line.toString();
  }
}
