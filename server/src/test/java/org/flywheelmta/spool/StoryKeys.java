package org.flywheelmta.spool;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.flywheelmta.base.NonThreadSafe;
import org.flywheelmta.base.TransactionId;

/** The dedupe keys of a story, and so what whoever sends again after a stop must be answered. */
@NonThreadSafe
final class StoryKeys {
  private static final int FIRST_RESENT = 70_000;

  // By key, what was asked for with it, by the id.
  private final Map<String, Map<TransactionId, SpoolFixture.Answer>> asked = new TreeMap<>();

  void asked(int number, String key, SpoolFixture.Answer answer) {
    asked.computeIfAbsent(key, _ -> new LinkedHashMap<>()).put(SpoolFixture.id(number), answer);
  }

  boolean isEmpty() {
    return asked.isEmpty();
  }

  /** Sends one of each key again, twice. */
  void judge(SpoolFixture after, String what) {
    int number = FIRST_RESENT;
    for (var key : asked.keySet()) {
      judge(after, key, number++, what + ", key " + key);
    }
  }

  private void judge(SpoolFixture after, String key, int number, String what) {
    var answers = asked.getOrDefault(key, Map.of());
    var acknowledged = new TreeSet<TransactionId>();
    answers.forEach(
        (id, answer) -> {
          if (answer.committed) {
            acknowledged.add(id);
          } else if (answer.first != null) {
            acknowledged.add(answer.first);
          }
        });
    assertThat(acknowledged).as("mails of one key, %s", what).hasSizeLessThanOrEqualTo(1);
    var resent = after.commitKeyed(number, 700, key);
    assertThat(resent.committed || resent.first != null).as("answer, %s", what).isTrue();
    if (!acknowledged.isEmpty()) {
      assertThat(resent.first).as("first, %s", what).isEqualTo(acknowledged.first());
    } else if (resent.first != null) {
      assertThat(came(after, Set.of(resent.first))).as("its mail is there, %s", what).isTrue();
    } else {
      assertThat(came(after, answers.keySet())).as("its mail is there twice, %s", what).isFalse();
    }
    var expected = resent.first == null ? SpoolFixture.id(number) : resent.first;
    var third = after.commitKeyed(number + 1_000, 700, key);
    assertThat(third.first).as("the third, %s", what).isEqualTo(expected);
  }

  private static boolean came(SpoolFixture after, Set<TransactionId> ids) {
    return after.recovered.values().stream().anyMatch(stub -> ids.contains(stub.id()));
  }
}
