package org.flywheelmta.spool;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.BiConsumer;
import org.flywheelmta.base.NonThreadSafe;
import org.jspecify.annotations.Nullable;

/**
 * What a story has asked of its spool and what it was told, and so what a start must bring back,
 * may bring back, and must not.
 */
@NonThreadSafe
final class StoryLedger {
  /** An outcome is written within 10 ms and forced within 100 more; the clock goes by the 1 ms. */
  static final long WINDOW_NANOS = 111_000_000L;

  /** A transaction that was asked for. */
  private static final class Asked {
    private final int number;
    private final int recipients;
    private final byte[] octets;
    private final SpoolFixture.@Nullable Answer answer;
    private final int life;
    private final int turn;
    // What a start within the story found of it, though nothing positive had been said.
    private boolean isFound;
    private boolean isMissing;

    private Asked(
        int number,
        int recipients,
        byte[] octets,
        SpoolFixture.@Nullable Answer answer,
        int life,
        int turn) {
      this.number = number;
      this.life = life;
      this.turn = turn;
      this.recipients = recipients;
      this.octets = octets;
      this.answer = answer;
    }

    private boolean isAcknowledged() {
      return isFound || (answer != null && answer.committed);
    }

    /** It was never added to the log: abandoned, or refused for a reason that leaves nothing. */
    private boolean isNothing() {
      return answer == null
          || isMissing
          || (answer.refusal != null && answer.refusal != SpoolRefusal.SEALED);
    }
  }

  /** A state in which a recipient waits on, and when the spool was given it. */
  private record Wait(long nanos, int attempts) {}

  private final Map<Integer, Asked> asked = new TreeMap<>();
  private final Map<String, Long> finished = new HashMap<>();
  // By the recipient that is settled, the transaction that does so.
  private final Map<String, Asked> settlers = new HashMap<>();
  private final Map<String, Deque<Wait>> waits = new HashMap<>();
  private int lives;
  private int turns;

  /** Another life of the spool begins. */
  void nextLife() {
    lives++;
  }

  void asked(int number, int recipients, byte[] octets, SpoolFixture.Answer answer) {
    asked.put(number, new Asked(number, recipients, octets, answer, lives, turns++));
  }

  /** Parts of it were given to the spool, and it was never committed. */
  void abandoned(int number) {
    asked.put(number, new Asked(number, 1, new byte[0], null, lives, turns++));
  }

  void settles(int number, int other, int recipient) {
    settlers.put(SpoolFixture.key(other, recipient), entry(number));
  }

  void finished(int number, int recipient, long nowNanos) {
    finished.putIfAbsent(SpoolFixture.key(number, recipient), nowNanos);
  }

  void waits(int number, int recipient, int attempts, long nowNanos) {
    waits
        .computeIfAbsent(SpoolFixture.key(number, recipient), key -> new ArrayDeque<>())
        .add(new Wait(nowNanos, attempts));
  }

  private Asked entry(int number) {
    var entry = asked.get(number);
    if (entry == null) {
      throw new AssertionError("the story never asked for " + number);
    }
    return entry;
  }

  boolean isAcknowledged(int number) {
    return entry(number).isAcknowledged();
  }

  /** How many transactions were asked for so far. */
  int asked() {
    return turns;
  }

  /** The numbers of those that were answered positively, without the first so many asked for. */
  List<Integer> acknowledgedAfter(int first) {
    return asked.values().stream()
        .filter(entry -> entry.turn >= first && entry.isAcknowledged())
        .map(entry -> entry.number)
        .toList();
  }

  /** The numbers of those that this life has not answered, and nobody gave up. */
  List<Integer> unanswered() {
    return asked.values().stream()
        .filter(entry -> entry.life == lives && entry.answer != null && !entry.answer.answered())
        .map(entry -> entry.number)
        .toList();
  }

  /** The reasons for which this life has refused transactions. */
  Set<SpoolRefusal> refusals() {
    var refusals = EnumSet.noneOf(SpoolRefusal.class);
    for (var entry : asked.values()) {
      if (entry.life == lives && entry.answer != null && entry.answer.refusal != null) {
        refusals.add(entry.answer.refusal);
      }
    }
    return refusals;
  }

  /** How many were answered so far, positively or not. */
  long answered() {
    return asked.values().stream()
        .filter(entry -> entry.answer != null && entry.answer.answered())
        .count();
  }

  /** Whether a line for the operator tells of damage or of a volume that failed. */
  static boolean isTrouble(String line) {
    return line.startsWith("ERROR")
        && !line.contains("has no room for another segment")
        && !line.contains("cannot be written, since its disk has no room");
  }

  /**
   * Whether a recipient waits, as far as the story knows, and nothing is under way that ends it.
   */
  boolean isWaiting(int number, int recipient) {
    var key = SpoolFixture.key(number, recipient);
    return isAcknowledged(number) && !finished.containsKey(key) && !settlers.containsKey(key);
  }

  /** Calls {@code each} with the number and the index of every recipient that waits. */
  void forEachWaiting(BiConsumer<Integer, Integer> each) {
    for (var entry : List.copyOf(asked.values())) {
      for (int i = 0; i < entry.recipients; i++) {
        if (isWaiting(entry.number, i)) {
          each.accept(entry.number, i);
        }
      }
    }
  }

  /** A start within the story has ended its recovery: what it says counts from here on. */
  void recovered(SpoolFixture spool) {
    var back = spool.recovered.keySet();
    for (var entry : asked.values()) {
      boolean anyone = false;
      for (int i = 0; i < entry.recipients; i++) {
        var key = SpoolFixture.key(entry.number, i);
        if (back.contains(key)) {
          anyone = true;
          // A kill took the outcome with it, as it may; the message is tried again.
          finished.remove(key);
          settlers.remove(key);
          var known = new ArrayDeque<Wait>();
          known.add(new Wait(Long.MIN_VALUE / 2, spool.stub(entry.number, i).attempts()));
          waits.put(key, known);
        }
      }
      // What was found is durable now, and what was not never comes.
      entry.isMissing |= !anyone && !entry.isAcknowledged() && entry.life < lives;
      entry.isFound |= anyone;
    }
    settlers.values().forEach(settler -> settler.isFound |= back.contains(keyOf(settler)));
  }

  private static String keyOf(Asked settler) {
    return SpoolFixture.key(settler.number, 0);
  }

  /**
   * Judges what a start brought back.
   *
   * @param nowNanos when the earlier life ended, by the story's clock
   */
  void judge(SpoolFixture after, long nowNanos, String what) {
    var strange = new TreeSet<>(after.recovered.keySet());
    for (var entry : asked.values()) {
      judge(entry, after, nowNanos, what);
      for (int i = 0; i < entry.recipients; i++) {
        strange.remove(SpoolFixture.key(entry.number, i));
      }
    }
    assertThat(strange).as("invented, " + what).isEmpty();
  }

  private void judge(Asked entry, SpoolFixture after, long nowNanos, String what) {
    var back = after.recovered.keySet();
    boolean anyone = false;
    for (int i = 0; i < entry.recipients; i++) {
      anyone |= back.contains(SpoolFixture.key(entry.number, i));
    }
    for (int i = 0; i < entry.recipients; i++) {
      var key = SpoolFixture.key(entry.number, i);
      boolean came = back.contains(key);
      var end = finished.get(key);
      var settler = settlers.get(key);
      if (came) {
        assertThat(entry.isNothing()).as("refused or abandoned %s came, %s", key, what).isFalse();
        assertThat(end == null || nowNanos - end <= WINDOW_NANOS)
            .as("finished %s came back, %s", key, what)
            .isTrue();
        judgeAttempts(entry.number, i, after, nowNanos, what);
      } else if (end == null && settler == null) {
        assertThat(entry.isAcknowledged()).as("acknowledged %s is lost, %s", key, what).isFalse();
        assertThat(anyone).as("only a part of %d came, %s", entry.number, what).isFalse();
      }
      if (settler != null && end == null) {
        judgeSettled(entry, key, settler, back, what);
      }
    }
    if (anyone) {
      assertThat(after.load(entry.number))
          .as("content of %d, %s", entry.number, what)
          .isEqualTo(entry.octets);
    }
  }

  private void judgeSettled(Asked entry, String key, Asked settler, Set<String> back, String what) {
    boolean came = back.contains(key);
    var other = keyOf(settler);
    boolean otherCame = back.contains(other);
    assertThat(came && otherCame).as("%s and what settles it came, %s", key, what).isFalse();
    if (settler.isAcknowledged()) {
      assertThat(came).as("settled %s came, %s", key, what).isFalse();
    } else if (entry.isAcknowledged()) {
      assertThat(came || otherCame).as("%s and what settles it are lost, %s", key, what).isTrue();
    }
  }

  private void judgeAttempts(
      int number, int recipient, SpoolFixture after, long nowNanos, String what) {
    int least = 0;
    int most = 0;
    for (var wait : waits.getOrDefault(SpoolFixture.key(number, recipient), new ArrayDeque<>())) {
      least = nowNanos - wait.nanos > WINDOW_NANOS ? wait.attempts : least;
      most = Math.max(most, wait.attempts);
    }
    assertThat(after.stub(number, recipient).attempts())
        .as("attempts of %s, %s", SpoolFixture.key(number, recipient), what)
        .isBetween(least, most);
  }
}
