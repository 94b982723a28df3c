package org.flywheelmta.scheduler;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Walks: bounded steps, seldom enough, and none forgotten. */
final class WalkTest {
  private static final long MILLISECOND = 1_000_000;

  private final ManualSchedulers schedulers = new ManualSchedulers(1, 1);
  private final Scheduler scheduler = schedulers.all().getFirst();
  private final List<String> story = new ArrayList<>();
  private int steps = 1;

  private Walk walk() {
    var made = new Walk[1];
    schedulers.on(
        0,
        () ->
            made[0] =
                new Walk(
                    scheduler,
                    () -> {
                      story.add("begins");
                      var left = new int[] {steps};
                      return () -> {
                        story.add("step");
                        return --left[0] > 0;
                      };
                    }));
    return made[0];
  }

  private void ask(Walk walk) {
    schedulers.on(0, walk::ask);
    schedulers.run();
  }

  @Test
  void firstBeginsAtOnceAndTheNextWaits() {
    var walk = walk();
    ask(walk);
    assertThat(story).containsExactly("begins", "step");
    ask(walk);
    ask(walk);
    schedulers.advance(40 * MILLISECOND);
    assertThat(story).containsExactly("begins", "step");
    schedulers.advance(20 * MILLISECOND);
    assertThat(story).containsExactly("begins", "step", "begins", "step");
    schedulers.advance(1_000 * MILLISECOND);
    assertThat(story).hasSize(4);
    ask(walk);
    assertThat(story).hasSize(6);
  }

  @Test
  void askedForWhileItGoesOnItGoesOnceMore() {
    steps = 3;
    var walk = walk();
    schedulers.on(
        0,
        () -> {
          walk.ask();
          walk.ask();
          walk.ask();
        });
    schedulers.advance(200 * MILLISECOND);
    assertThat(story)
        .containsExactly("begins", "step", "step", "step", "begins", "step", "step", "step");
  }

  @Test
  void stoppedOneIsOver() {
    steps = 1_000;
    var walk = walk();
    schedulers.on(
        0,
        () -> {
          walk.ask();
          walk.stop();
          walk.ask();
        });
    schedulers.advance(200 * MILLISECOND);
    assertThat(story).containsExactly("begins", "step");
    schedulers.on(0, () -> assertThat(scheduler.armedEvents()).isZero());
  }
}
