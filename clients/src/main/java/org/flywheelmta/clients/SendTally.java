package org.flywheelmta.clients;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.locks.ReentrantLock;

/** What became of the mails so far. Any thread may add and ask. */
final class SendTally {
  /** How many different replies are told apart. */
  static final int REFUSALS_MAX = 20;

  private final ReentrantLock guard = new ReentrantLock();
  private final Map<String, Refusal> refusals = new LinkedHashMap<>();
  private final long startNanos = System.nanoTime();
  private long accepted;
  private long recipients;
  private long done;
  private long lost;
  private String lastReply = "";
  private String lastFailure = "";

  /**
   * What was refused in the same words.
   *
   * @param stage where: {@code connect}, {@code mail}, {@code rcpt}, {@code data}, {@code end}
   * @param text of the first of them
   */
  record Refusal(String stage, int code, String text, long count) {
    /** {@code 550 5.7.1 Relaying denied}. */
    String reply() {
      return code == 0 ? text : code + " " + text;
    }
  }

  /**
   * A moment's figures.
   *
   * @param done mails whose fate is known
   * @param accepted mails that were accepted for at least one recipient
   * @param recipients that were accepted with them
   * @param lost mails of which nobody knows, or that could not be offered
   * @param lastReply to the end of a mail; empty before the first
   * @param lastFailure of a connection; empty without one
   */
  record Figures(
      long done,
      long accepted,
      long recipients,
      long lost,
      List<Refusal> refusals,
      String lastReply,
      String lastFailure,
      double seconds) {}

  /** A reply that says no, or one to the end of a mail. */
  void replied(Offer.Stage stage, Reply reply) {
    if (stage == Offer.Stage.END && reply.positive()) {
      guard.lock();
      try {
        lastReply = reply.code() + " " + reply.text();
      } finally {
        guard.unlock();
      }
    } else {
      refused(stage.name().toLowerCase(Locale.ROOT), reply);
    }
  }

  /** Something was refused. */
  void refused(String stage, Reply reply) {
    var text = reply.text();
    // Ids and addresses differ within the same words; the enhanced code tells kinds apart.
    var key = stage + " " + reply.code() + " " + text.split(" ", 2)[0];
    guard.lock();
    try {
      if (!refusals.containsKey(key) && refusals.size() == REFUSALS_MAX) {
        refusals.merge("other", new Refusal("other", 0, "further replies", 1), SendTally::oneMore);
      } else {
        refusals.merge(key, new Refusal(stage, reply.code(), text, 1), SendTally::oneMore);
      }
    } finally {
      guard.unlock();
    }
  }

  private static Refusal oneMore(Refusal known, Refusal again) {
    return new Refusal(known.stage(), known.code(), known.text(), known.count() + again.count());
  }

  /** A mail has met its fate. */
  void ended(Outcome outcome) {
    guard.lock();
    try {
      done++;
      switch (outcome) {
        case Outcome.Acknowledged(var taken) -> {
          accepted++;
          recipients += taken.size();
        }
        case Outcome.Refused _ -> {}
        case Outcome.Unknown _, Outcome.Unsent _ -> lost++;
      }
    } finally {
      guard.unlock();
    }
  }

  /** A connection failed. */
  void failed(String why) {
    guard.lock();
    try {
      lastFailure = why;
    } finally {
      guard.unlock();
    }
  }

  Figures figures() {
    guard.lock();
    try {
      var sorted = new ArrayList<>(refusals.values());
      sorted.sort(Comparator.comparingLong(Refusal::count).reversed());
      double seconds = (System.nanoTime() - startNanos) / 1e9;
      return new Figures(done, accepted, recipients, lost, sorted, lastReply, lastFailure, seconds);
    } finally {
      guard.unlock();
    }
  }
}
