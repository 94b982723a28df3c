package org.flywheelmta.spool;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import org.flywheelmta.base.MemoryBudget.Level;
import org.flywheelmta.disk.SimDisk;
import org.flywheelmta.message.Content;
import org.flywheelmta.message.ContentStore;
import org.flywheelmta.message.Envelope;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** When contents are read back, and in which order they wait for it. */
final class ReadBackTest {
  private final SpoolFixture spool = new SpoolFixture(new SimDisk(), 1).openAndSettle();
  private final Map<Integer, Content> loaded = new TreeMap<>();
  private final List<String> story = new ArrayList<>();

  @AfterEach
  void nothingIsLeft() {
    loaded.values().forEach(Content::release);
    spool.close();
    assertThat(spool.memory.taken()).isZero();
  }

  private void ask(int number) {
    spool
        .spool()
        .load(
            SpoolFixture.id(number),
            spool.scheduler(),
            new ContentStore.Completion() {
              @Override
              public void onLoaded(Envelope envelope, Content content) {
                loaded.put(number, content);
                story.add("loaded " + number);
              }

              @Override
              public void onUnavailable(boolean again, String reason) {
                story.add(number + " again " + again);
              }
            });
    spool.platform.settle();
  }

  /** The content that was loaded, whose reference is the caller's from here on. */
  private Content take(int number) {
    return Objects.requireNonNull(loaded.remove(number));
  }

  private void letGo(int number) {
    take(number).release();
    spool.platform.settle();
  }

  private void fill(int percent) {
    long change = (spool.memory.maximum() * percent + 99) / 100 - spool.memory.taken();
    if (change > 0) {
      spool.memory.take(change);
    } else {
      spool.memory.release(-change);
    }
    spool.platform.settle();
  }

  @Test
  void allAreReadAtOnceWhileThereIsEnough() {
    for (int i = 1; i <= 3; i++) {
      spool.commit(i);
      ask(i);
    }
    assertThat(story).containsExactly("loaded 1", "loaded 2", "loaded 3");
    assertThat(spool.memory.taken()).isGreaterThanOrEqualTo(3 * 500);
  }

  @Test
  void oneAtATimeAndInOrderWhileMemoryIsShort() {
    for (int i = 1; i <= 4; i++) {
      spool.commit(i);
    }
    fill(80);
    long others = spool.memory.taken();
    for (int i = 1; i <= 4; i++) {
      ask(i);
    }
    assertThat(story).containsExactly("loaded 1");
    letGo(1);
    assertThat(story).containsExactly("loaded 1", "loaded 2");
    // The others give way: all are read that wait.
    spool.memory.release(others);
    spool.platform.settle();
    assertThat(story).containsExactly("loaded 1", "loaded 2", "loaded 3", "loaded 4");
  }

  @Test
  void firstIsReadEvenAboveTheMaximum() {
    spool.commit(1);
    spool.memory.take(spool.memory.maximum());
    assertThat(spool.memory.level()).isEqualTo(Level.PAUSING);
    ask(1);
    assertThat(story).containsExactly("loaded 1");
    assertThat(spool.memory.taken()).isGreaterThan(spool.memory.maximum());
    spool.memory.release(spool.memory.maximum());
  }

  @Test
  void largeOneThatDoesNotFitWaitsAndIsNotOvertaken() {
    var tight = new SpoolFixture(new SimDisk(), 3, 1 << 20);
    tight.openAndSettle();
    var answers = new ArrayList<String>();
    tight.commit(1, 1, 100);
    tight.commit(2, 1, 100_000);
    tight.commit(3, 1, 100);
    // Open, but with less room than the second needs.
    tight.memory.take(tight.memory.maximum() * 70 / 100);
    long gap = tight.memory.maximum() - tight.memory.taken() - 50_000;
    var held = new ArrayList<Content>();
    for (int i = 1; i <= 3; i++) {
      int number = i;
      tight
          .spool()
          .load(
              SpoolFixture.id(i),
              tight.scheduler(),
              new ContentStore.Completion() {
                @Override
                public void onLoaded(Envelope envelope, Content content) {
                  held.add(content);
                  answers.add("loaded " + number);
                }

                @Override
                public void onUnavailable(boolean again, String reason) {
                  answers.add(reason);
                }
              });
      if (i == 1) {
        tight.platform.settle();
        tight.memory.take(gap);
      }
    }
    tight.platform.settle();
    assertThat(answers).containsExactly("loaded 1");
    held.removeFirst().release();
    tight.platform.settle();
    assertThat(answers).containsExactly("loaded 1", "loaded 2");
    held.removeFirst().release();
    tight.platform.settle();
    assertThat(answers).containsExactly("loaded 1", "loaded 2", "loaded 3");
    held.forEach(Content::release);
    tight.memory.release(tight.memory.taken());
    tight.close();
  }

  @Test
  void whoeverWaitsForAMessageThatIsDeliveredMeanwhileDoesNotKeepOthersWaiting() {
    for (int i = 1; i <= 3; i++) {
      spool.commit(i);
    }
    fill(80);
    long others = spool.memory.taken();
    for (int i = 1; i <= 3; i++) {
      ask(i);
    }
    spool.delivered(2, 0);
    spool.platform.advanceMillis(200);
    letGo(1);
    assertThat(story).containsExactly("loaded 1", "2 again false", "loaded 3");
    spool.memory.release(others);
  }

  @Test
  void closingAnswersThoseThatWaitAndLosesNoMessage() {
    spool.commit(1);
    spool.commit(2);
    fill(80);
    long others = spool.memory.taken();
    ask(1);
    ask(2);
    var first = take(1);
    spool.spool().close();
    spool.platform.settle();
    assertThat(story).containsExactly("loaded 1", "2 again true");
    first.release();
    spool.memory.release(others);
  }

  @Test
  void contentInTooManyShortChunksIsRefused() {
    var parts = new byte[Spool.MAX_SHORT_CHUNKS + 1][];
    for (int i = 0; i < parts.length; i++) {
      parts[i] = new byte[] {(byte) i};
    }
    var refused = spool.commitChunked(1, new byte[0], parts);
    spool.platform.settle();
    assertThat(refused.refusal).isEqualTo(SpoolRefusal.FULL);
    parts = Arrays.copyOf(parts, Spool.MAX_SHORT_CHUNKS);
    var taken = spool.commitChunked(2, new byte[0], parts);
    spool.platform.settle();
    assertThat(taken.committed).isTrue();
    ask(2);
    assertThat(Objects.requireNonNull(loaded.get(2)).size()).isEqualTo(Spool.MAX_SHORT_CHUNKS);
  }
}
