package org.flywheelmta.dns;

import java.util.LinkedHashMap;
import org.flywheelmta.base.NonThreadSafe;
import org.flywheelmta.scheduler.Scheduler;
import org.jspecify.annotations.Nullable;

/**
 * Answers until they cease to count. When there are too many, the one goes that was asked for least
 * recently. A large answer takes the room of several, so that the number bounds the memory too.
 */
@NonThreadSafe
final class AnswerCache {
  /** How many characters of data an answer has for each further room that it takes. */
  static final int CHARACTERS_PER_ROOM = 512;

  private static final int CHARACTERS_OF_ADDRESS = 32;
  private static final float LOAD = 0.75f;

  private final Scheduler home;
  private final int size;
  private final LinkedHashMap<Question, Answer> answers = new LinkedHashMap<>(16, LOAD, true);
  private long rooms;

  AnswerCache(Scheduler home, int size) {
    this.home = home;
    this.size = size;
  }

  /** What is known and still counts. */
  @Nullable Answer find(Question question) {
    var answer = answers.get(question);
    if (answer == null || counts(answer)) {
      return answer;
    }
    answers.remove(question);
    rooms -= roomsOf(answer);
    return null;
  }

  /** Keeps an answer that counts for a while. */
  void keep(Question question, Answer answer) {
    if (!counts(answer)) {
      return;
    }
    var before = answers.put(question, answer);
    rooms += roomsOf(answer) - (before == null ? 0 : roomsOf(before));
    while (rooms > size) {
      rooms -= roomsOf(answers.pollFirstEntry().getValue());
    }
  }

  private boolean counts(Answer answer) {
    return answer.expiresNanos() - home.nanoTime() > 0;
  }

  private static long roomsOf(Answer answer) {
    long characters = 0;
    if (answer instanceof Answer.Found(var data, _)) {
      for (var one : data) {
        characters +=
            switch (one) {
              case Rdata.Address _ -> CHARACTERS_OF_ADDRESS;
              case Rdata.Exchanger(_, var host) -> CHARACTERS_OF_ADDRESS + host.length();
              case Rdata.Text(var text) -> CHARACTERS_OF_ADDRESS + text.length();
            };
      }
    }
    return 1 + characters / CHARACTERS_PER_ROOM;
  }

  /** How many answers there are. */
  int size() {
    return answers.size();
  }
}
