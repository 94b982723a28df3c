package org.flywheelmta.hook;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.channel.embedded.EmbeddedChannel;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.flywheelmta.base.Clock;
import org.flywheelmta.base.OperatorLog;
import org.flywheelmta.hook.Hooks.Place;
import org.flywheelmta.scheduler.Scheduler;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

final class HooksTest {
  private enum Verdict {
    CONTINUE,
    ACCEPT,
    REJECT,
    TEMPFAIL
  }

  private static final Hook<String, Verdict> RCPT =
      Hook.firstThatDecides("rcpt", Verdict.CONTINUE, Verdict.TEMPFAIL);
  private static final Hook<String, Integer> SCORE = Hook.all("score", 0, 100, Integer::sum);

  private final EmbeddedChannel channel = new EmbeddedChannel();
  private final List<Throwable> faults = new ArrayList<>();
  private final Scheduler scheduler =
      new Scheduler(
          "test-0",
          0,
          channel.eventLoop(),
          Clock.system(),
          new SplittableRandom(1),
          (where, fault) -> faults.add(fault));
  private final List<String> told = new ArrayList<>();
  private final OperatorLog operator = (level, text) -> told.add(level + " " + text);
  private final Hooks none = Hooks.none(operator);
  private final List<Verdict> verdicts = new ArrayList<>();
  private final List<String> asked = new ArrayList<>();

  @AfterEach
  void schedulerIsLeftInOrder() {
    assertThat(faults).isEmpty();
    channel.finishAndReleaseAll();
  }

  @Test
  void hookWithoutProviderHasItsDefinedResult() {
    assertThat(none.has(RCPT)).isFalse();
    assertThat(fire(none)).isSameAs(Firing.ENDED);
    assertThat(verdicts).containsExactly(Verdict.CONTINUE);
  }

  @Test
  void tableNeverChanges() {
    var one = none.with(RCPT, answering("a", Verdict.ACCEPT), Place.LAST);
    assertThat(none.has(RCPT)).isFalse();
    assertThat(one.has(RCPT)).isTrue();
    assertThat(one.has(SCORE)).isFalse();
  }

  @Test
  void providersAreAskedInOrder() {
    var hooks =
        none.with(RCPT, answering("b", Verdict.CONTINUE), Place.LAST)
            .with(RCPT, answering("c", Verdict.CONTINUE), Place.LAST)
            .with(RCPT, answering("a", Verdict.CONTINUE), Place.FIRST);
    fire(hooks);
    assertThat(asked).containsExactly("a", "b", "c");
    assertThat(verdicts).containsExactly(Verdict.CONTINUE);
  }

  @Test
  void nobodyIsAskedAfterTheFirstThatDecides() {
    var hooks =
        none.with(RCPT, answering("a", Verdict.CONTINUE), Place.LAST)
            .with(RCPT, answering("b", Verdict.REJECT), Place.LAST)
            .with(RCPT, answering("c", Verdict.ACCEPT), Place.LAST);
    fire(hooks);
    assertThat(asked).containsExactly("a", "b");
    assertThat(verdicts).containsExactly(Verdict.REJECT);
  }

  @Test
  void answersOfAllAreJoined() {
    var hooks =
        none.with(SCORE, (text, answer) -> answer.resolve(text.length()), Place.LAST)
            .with(SCORE, (text, answer) -> answer.resolve(2), Place.LAST);
    var scores = new ArrayList<Integer>();
    hooks.fire(scheduler, SCORE, "four", scores::add);
    assertThat(scores).containsExactly(6);
  }

  @Test
  void suspendedFiringGoesOnWithTheAnswer() {
    var later = new Later();
    var hooks =
        none.with(RCPT, later, Place.LAST).with(RCPT, answering("b", Verdict.ACCEPT), Place.LAST);
    var firing = fire(hooks);
    assertThat(firing.suspended()).isTrue();
    assertThat(asked).isEmpty();

    later.answers.getFirst().resolve(Verdict.CONTINUE);
    assertThat(firing.suspended()).isFalse();
    assertThat(asked).containsExactly("b");
    assertThat(verdicts).containsExactly(Verdict.ACCEPT);
  }

  @Test
  void postedAnswerArrivesOnTheScheduler() throws InterruptedException {
    var later = new Later();
    fire(none.with(RCPT, later, Place.LAST));
    var answer = later.answers.getFirst();
    assertThat(answer.scheduler()).isSameAs(scheduler);

    var other = Thread.ofPlatform().start(() -> answer.post(Verdict.REJECT));
    other.join();
    assertThat(verdicts).isEmpty();
    channel.runPendingTasks();
    assertThat(verdicts).containsExactly(Verdict.REJECT);
  }

  @Test
  void secondAnswerIsIgnoredAndCounted() {
    var later = new Later();
    var last = new Later();
    fire(none.with(RCPT, later, Place.LAST).with(RCPT, last, Place.LAST));
    var answer = later.answers.getFirst();
    answer.resolve(Verdict.CONTINUE);
    assertThat(answer.wanted()).isFalse();
    // The next provider is asked now; its answer is not the first one's to give.
    answer.resolve(Verdict.REJECT);
    assertThat(verdicts).isEmpty();
    last.answers.getFirst().resolve(Verdict.ACCEPT);
    answer.post(Verdict.REJECT);
    channel.runPendingTasks();
    assertThat(verdicts).containsExactly(Verdict.ACCEPT);
  }

  @Test
  void ignoredAnswersAreCountedAcrossTables() {
    var later = new Later();
    var hooks = none.with(RCPT, later, Place.LAST);
    fire(hooks);
    later.answers.getFirst().resolve(Verdict.CONTINUE);
    later.answers.getFirst().resolve(Verdict.CONTINUE);
    later.answers.getFirst().resolve(Verdict.REJECT);
    assertThat(verdicts).containsExactly(Verdict.CONTINUE);
    var next = hooks.with(SCORE, (text, answer) -> answer.resolve(1), Place.LAST);
    assertThat(next.counters().getLast().value()).isEqualTo(2);
  }

  @Test
  void cancelledFiringNeverGoesOn() {
    var later = new Later();
    var hooks =
        none.with(RCPT, later, Place.LAST).with(RCPT, answering("b", Verdict.ACCEPT), Place.LAST);
    var firing = fire(hooks);
    firing.cancel();
    assertThat(firing.suspended()).isFalse();
    assertThat(later.answers.getFirst().wanted()).isFalse();
    later.answers.getFirst().resolve(Verdict.CONTINUE);
    firing.cancel();
    assertThat(asked).isEmpty();
    assertThat(verdicts).isEmpty();
    assertThat(hooks.counters().getLast().value()).isEqualTo(1);
  }

  @Test
  void providerThatThrowsCountsAsTheFailure() {
    Provider<String, Verdict> broken =
        new Provider<>() {
          @Override
          public void provide(String argument, Answer<Verdict> answer) {
            throw new IllegalStateException("no table");
          }

          @Override
          public String name() {
            return "greylist";
          }
        };
    var hooks =
        none.with(RCPT, broken, Place.LAST).with(RCPT, answering("b", Verdict.ACCEPT), Place.LAST);
    fire(hooks);
    assertThat(verdicts).containsExactly(Verdict.TEMPFAIL);
    assertThat(asked).isEmpty();
    assertThat(told)
        .containsExactly(
            "ERROR the provider greylist of the hook rcpt failed:"
                + " java.lang.IllegalStateException: no table");
    assertThat(hooks.counters().getFirst().value()).isEqualTo(1);
  }

  @Test
  void providerThatThrowsAfterItsAnswerIsHeldToIt() {
    Provider<String, Verdict> broken =
        (argument, answer) -> {
          answer.resolve(Verdict.ACCEPT);
          throw new IllegalStateException("too late");
        };
    fire(none.with(RCPT, broken, Place.LAST));
    assertThat(verdicts).containsExactly(Verdict.ACCEPT);
    assertThat(told).hasSize(1);
  }

  @Test
  void manyProvidersThatAnswerAtOnceNeedNoDeepStack() {
    var hooks = none;
    for (int i = 0; i < 2_000; i++) {
      hooks = hooks.with(SCORE, (text, answer) -> answer.resolve(1), Place.LAST);
    }
    var scores = new ArrayList<Integer>();
    hooks.fire(scheduler, SCORE, "", scores::add);
    assertThat(scores).containsExactly(2_000);
  }

  private Firing fire(Hooks hooks) {
    return hooks.fire(scheduler, RCPT, "a@example.com", verdicts::add);
  }

  private Provider<String, Verdict> answering(String name, Verdict verdict) {
    return (argument, answer) -> {
      asked.add(name);
      answer.resolve(verdict);
    };
  }

  /** Keeps its answers for the test to give. */
  private static final class Later implements Provider<String, Verdict> {
    final List<Answer<Verdict>> answers = new ArrayList<>();

    @Override
    public void provide(String argument, Answer<Verdict> answer) {
      answers.add(answer);
    }
  }
}
