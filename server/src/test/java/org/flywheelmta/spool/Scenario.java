package org.flywheelmta.spool;

import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.function.Consumer;
import org.flywheelmta.disk.SimDisk;
import org.flywheelmta.spool.StoredOutcome.Kind;

/**
 * What a spool lives through, as a sentence and a script.
 *
 * @param segments so many fit on the disk
 * @param volumes of the spool
 */
record Scenario(String sentence, int segments, int volumes, Consumer<Story> script) {
  /** Segments of a disk that no script fills. */
  static final int ROOMY = 64;

  private static final int FILLS_A_SIXTH = 9_000;

  /** All of them. One more is one more line here. */
  static final List<Scenario> ALL =
      List.of(
          roomy("mails come one by one, and every other is delivered", Scenario::single),
          roomy("a batch of many mails is written at once", Scenario::batch),
          roomy("a mail to many recipients is delivered to them in turn", Scenario::recipients),
          roomy("contents are so large that they take several records", Scenario::large),
          roomy("a content arrives in parts, with time between them", Scenario::parts),
          roomy("several contents arrive in parts at the same time", Scenario::interleaved),
          roomy("contents are given up half-way", Scenario::abandoned),
          roomy("attempts fail again and again before the last", Scenario::attempts),
          roomy("the recipients of one mail end in different ways", Scenario::mixed),
          roomy("notifications settle what they tell of", Scenario::notices),
          roomy(
              "a notification settles a mail whose outcomes are not written", Scenario::unwritten),
          roomy("mails that all wait fill segment after segment", Scenario::rolls),
          roomy("segments go round, and one mail waits in the first", Scenario::recycling),
          roomy("states are repeated when the segment that holds them goes", Scenario::restating),
          roomy("many small mails wait while much passes through", Scenario::longWaiting),
          new Scenario("the disk is full and then is not", 9, 1, Scenario::full),
          new Scenario(
              "outcomes alone use what a full disk has in reserve", 8, 1, Scenario::reserve),
          roomy("it is stopped and started in peace", Scenario::restarts),
          roomy("it is killed, and new mail comes while it recovers", Scenario::killed),
          roomy("what recovery brings finds no room at first", Scenario::noRoomForRecovered),
          roomy("nothing happens for a while between mails", Scenario::idle),
          new Scenario("a burst passes and its segments are given back", 12, 1, Scenario::burst),
          roomy("contents are read back while segments go round", Scenario::reading),
          roomy("mails have every length around that of a block", Scenario::lengths),
          roomy("it is killed between the parts of a content", Scenario::killedBetweenParts),
          roomy(
              "chunks are compressed, some contents are given up, and it is killed",
              Scenario::compressed),
          roomy("mails with keys are sent again while segments go round", Scenario::resent),
          roomy("anything happens, drawn from seed 1", story -> anything(story, 1)),
          roomy("anything happens, drawn from seed 2", story -> anything(story, 2)),
          roomy("anything happens, drawn from seed 3", story -> anything(story, 3)),
          new Scenario("mail is spread over two volumes", ROOMY, 2, Scenario::spread),
          new Scenario(
              "anything happens on three volumes, drawn from seed 4",
              ROOMY,
              3,
              story -> anything(story, 4)));

  /** Those of a spool of one volume. */
  static final List<Scenario> OF_ONE_VOLUME =
      ALL.stream().filter(scenario -> scenario.volumes == 1).toList();

  private static Scenario roomy(String sentence, Consumer<Story> script) {
    return new Scenario(sentence, ROOMY, 1, script);
  }

  /** Lives through it on a disk of its own; the caller ends the story. */
  Story story(long seed) {
    return new Story(segments, volumes, seed);
  }

  /** Another life on a disk. */
  SpoolFixture life(SimDisk disk, long seed) {
    return SpoolFixture.ofVolumes(disk, seed, volumes);
  }

  /** Whether its sentence has one of these words. */
  boolean has(String... words) {
    return Arrays.stream(words).anyMatch(sentence::contains);
  }

  @Override
  public String toString() {
    return sentence;
  }

  private static void spread(Story story) {
    story.start();
    for (int i = 1; i <= 24; i++) {
      story.commit(i, 1, 5_000);
      if (i % 3 == 0) {
        story.delivered(i, 0);
      } else if (i % 3 == 1) {
        story.waits(i, 0, 2);
        story.notice(5_000 + i, i, 0, 300);
      }
      if (i % 8 == 0) {
        story.pass(130);
      }
    }
    story.kill();
    story.start();
    story.deliverAll(1, 30);
    story.pass(250);
  }

  private static void single(Story story) {
    story.start();
    for (int i = 1; i <= 8; i++) {
      story.commit(i, 1, 400 * i);
      if (i % 2 == 0) {
        story.delivered(i, 0);
        story.pass(i == 4 ? 150 : 7);
      }
    }
    story.pass(250);
  }

  private static void batch(Story story) {
    story.start();
    for (int i = 1; i <= 30; i++) {
      story.post(i, 1 + i % 3, 300 + i);
    }
    story.settle();
    story.pass(30);
    for (int i = 1; i <= 30; i += 2) {
      story.delivered(i, 0);
    }
    story.pass(20);
    for (int i = 31; i <= 60; i++) {
      story.post(i, 1, 700);
    }
    story.settle();
    story.pass(250);
  }

  private static void recipients(Story story) {
    story.start();
    story.commit(1, 60, 2_000);
    for (int i = 0; i < 40; i++) {
      story.delivered(1, i);
      if (i % 10 == 9) {
        story.pass(15);
      }
    }
    story.commit(2, 25, 0);
    for (int i = 0; i < 25; i++) {
      story.ended(2, i, i % 2 == 0 ? Kind.FAILED : Kind.DELIVERED);
    }
    story.pass(250);
  }

  private static void large(Story story) {
    story.start();
    story.commit(1, 2, 100_000);
    story.commit(2, 1, 17_000);
    story.post(3, 1, 50_000);
    story.post(4, 1, 100);
    story.settle();
    story.delivered(1, 0);
    story.delivered(2, 0);
    story.pass(120);
    story.delivered(1, 1);
    story.commit(5, 1, 40_000);
    story.pass(250);
  }

  private static void parts(Story story) {
    story.start();
    for (int i = 0; i < 6; i++) {
      story.append(1, 5_000);
      story.pass(40);
      story.commit(10 + i, 1, 500);
    }
    story.finish(1, 300);
    story.settle();
    story.pass(250);
  }

  private static void interleaved(Story story) {
    story.start();
    for (int i = 0; i < 5; i++) {
      for (int number = 1000; number <= 3000; number += 1000) {
        story.append(number, 4_000 + number);
      }
      story.settle();
    }
    story.finish(2000, 200);
    story.settle();
    story.delivered(2000, 0);
    story.pass(120);
    story.finish(1000, 200);
    story.finish(3000, 200);
    story.settle();
    story.pass(250);
  }

  private static void abandoned(Story story) {
    story.start();
    story.append(1000, 9_000);
    story.append(2000, 9_000);
    story.settle();
    story.append(1000, 12_000);
    story.abandon(1000);
    story.commit(5, 1, 700);
    story.append(2000, 9_000);
    story.finish(2000, 10);
    story.append(3000, 16_000);
    story.settle();
    story.abandon(3000);
    story.append(4000, 16_000);
    story.settle();
    story.restart();
    story.commit(6, 1, 700);
    story.pass(250);
  }

  private static void attempts(Story story) {
    story.start();
    story.commitAll(1, 5, 2_000);
    for (int attempt = 1; attempt <= 5; attempt++) {
      for (int i = 1; i < 5; i++) {
        story.waits(i, 0, attempt);
      }
      story.pass(attempt * 30);
    }
    story.delivered(1, 0);
    story.ended(2, 0, Kind.EXPIRED);
    story.pass(250);
  }

  private static void mixed(Story story) {
    story.start();
    story.commit(1, 6, 3_000);
    story.commit(2, 1, 3_000);
    story.delivered(1, 0);
    story.ended(1, 1, Kind.FAILED);
    story.pass(12);
    story.ended(1, 2, Kind.EXPIRED);
    story.waits(1, 3, 1);
    story.ended(1, 4, Kind.DISCARDED);
    story.pass(120);
    story.waits(1, 3, 2);
    story.pass(120);
    story.delivered(1, 3);
    story.delivered(1, 5);
    story.pass(250);
  }

  private static void notices(Story story) {
    story.start();
    story.commitAll(1, 9, 4_000);
    story.commit(9, 2, 4_000);
    for (int i = 1; i <= 4; i++) {
      story.notice(100 + i, i, 0, i % 2 == 0 ? 30_000 : 900);
      story.settle();
    }
    story.notice(109, 9, 1, 900);
    story.settle();
    story.delivered(101, 0);
    story.delivered(102, 0);
    story.pass(120);
    story.notice(105, 5, 0, 900);
    story.notice(106, 6, 0, 40_000);
    story.settle();
    story.delivered(109, 0);
    story.pass(250);
  }

  private static void unwritten(Story story) {
    story.start();
    story.commitAll(1, 5, 1_000);
    for (int i = 1; i < 5; i++) {
      story.waits(i, 0, 1);
      story.notice(100 + i, i, 0, 800);
      story.waits(i, 0, 2);
    }
    story.settle();
    story.pass(250);
  }

  private static void rolls(Story story) {
    story.start();
    story.commitAll(1, 25, FILLS_A_SIXTH);
    story.pass(250);
  }

  /** Fills and finishes about one segment. */
  private static void turn(Story story, int from) {
    for (int i = from; i < from + 6; i++) {
      story.commit(i, 1, FILLS_A_SIXTH);
      story.delivered(i, 0);
    }
    story.pass(112);
  }

  private static void recycling(Story story) {
    story.start();
    story.commit(1, 2, 3_000);
    story.delivered(1, 1);
    for (int i = 0; i < 7; i++) {
      turn(story, 100 + 6 * i);
    }
    story.pass(250);
  }

  private static void restating(Story story) {
    story.start();
    story.commitAll(1, 4, 200);
    turn(story, 100);
    story.waits(1, 0, 1);
    story.delivered(2, 0);
    turn(story, 110);
    story.commit(5, 1, 200);
    turn(story, 120);
    story.waits(1, 0, 2);
    story.delivered(5, 0);
    turn(story, 130);
    turn(story, 140);
    story.pass(250);
  }

  private static void longWaiting(Story story) {
    story.start();
    for (int i = 0; i < 6; i++) {
      // One in seven stays, in every segment.
      story.commit(1 + i, 1, 1_500);
      story.waits(1 + i, 0, 1);
      turn(story, 100 + 6 * i);
    }
    story.pass(1_500);
    for (int i = 0; i < 3; i++) {
      turn(story, 200 + 6 * i);
    }
    story.pass(12_000);
    story.delivered(3, 0);
    story.pass(250);
  }

  private static void full(Story story) {
    story.start();
    for (int i = 1; i <= 24; i++) {
      story.commit(i, 1, 12_000);
      if (i == 12) {
        story.leaveFree(SpoolFixture.SEGMENT_BYTES / 2);
        story.pass(1_100);
      }
    }
    story.deliverAll(1, 9);
    story.pass(1_500);
    story.relieve();
    story.pass(2_000);
    story.commit(40, 1, 12_000);
    story.commit(41, 1, 30_000);
    story.pass(250);
  }

  private static void reserve(Story story) {
    story.start();
    story.commit(1, 80, 100);
    for (int i = 2; i < 40; i++) {
      story.commit(i, 1, 11_000);
    }
    story.leaveFree(0);
    for (int i = 0; i < 60; i++) {
      story.waits(1, i, 1);
      story.pass(i % 20 == 19 ? 130 : 0);
    }
    story.deliverAll(2, 20);
    story.pass(1_200);
    story.deliverAll(20, 40);
    story.pass(1_500);
    story.commit(50, 1, 5_000);
    story.pass(250);
  }

  private static void restarts(Story story) {
    story.start();
    story.commitAll(1, 9, FILLS_A_SIXTH);
    story.delivered(2, 0);
    story.waits(3, 0, 1);
    story.restart();
    story.delivered(4, 0);
    story.waits(3, 0, 2);
    story.commit(10, 3, 20_000);
    story.restart();
    story.deliverAll(1, 7);
    story.pass(130);
    story.restart();
    story.pass(250);
  }

  private static void killed(Story story) {
    story.start();
    story.commitAll(1, 12, FILLS_A_SIXTH);
    story.deliverAll(2, 5);
    story.pass(15);
    story.delivered(6, 0);
    story.kill();
    story.open();
    story.post(20, 2, 600);
    story.post(21, 1, 35_000);
    story.settle();
    story.deliverAll(1, 21);
    story.post(22, 1, 600);
    story.kill();
    story.open();
    story.post(23, 1, 600);
    story.settle();
    story.pass(250);
  }

  private static void noRoomForRecovered(Story story) {
    story.start();
    story.commitAll(1, 9, 5_000);
    story.pass(130);
    story.kill();
    story.spool().refusingRecovered = 3;
    story.open();
    story.post(20, 1, 600);
    story.pass(30);
    story.commit(21, 1, 600);
    story.pass(100);
    story.deliverAll(1, 9);
    story.pass(250);
  }

  private static void idle(Story story) {
    story.start();
    for (int i = 1; i <= 4; i++) {
      story.commit(i, 1, 800);
      story.pass(350);
      story.waits(i, 0, 1);
      story.pass(350);
    }
    story.delivered(1, 0);
    story.pass(1_000);
  }

  private static void burst(Story story) {
    story.start();
    story.commitAll(1, 36, FILLS_A_SIXTH);
    story.deliverAll(1, 36);
    story.pass(300);
    story.commit(70, 1, 500);
    story.pass(250);
  }

  private static void reading(Story story) {
    story.start();
    story.commit(1, 1, 5_000);
    story.commit(2, 1, 45_000);
    for (int i = 0; i < 4; i++) {
      turn(story, 100 + 6 * i);
      story.read(1);
      story.read(2);
    }
    story.waits(2, 0, 1);
    story.delivered(1, 0);
    turn(story, 200);
    story.read(2);
    story.pass(250);
  }

  private static void lengths(Story story) {
    story.start();
    for (int i = 1; i <= 40; i++) {
      story.post(i, 1, 3_500 + 16 * i);
      if (i % 2 == 0) {
        story.settle();
      }
      if (i % 8 == 0) {
        story.deliverAll(i - 6, i);
        story.pass(12);
      }
    }
    story.pass(250);
  }

  private static void killedBetweenParts(Story story) {
    story.start();
    story.append(1000, 9_000);
    story.commit(1, 1, 500);
    story.append(1000, 9_000);
    story.settle();
    story.kill();
    story.start();
    story.append(2000, 9_000);
    story.settle();
    story.commit(2, 1, 500);
    story.append(2000, 9_000);
    story.finish(2000, 100);
    story.settle();
    story.pass(250);
  }

  private static void compressed(Story story) {
    story.compress();
    story.start();
    story.appendText(1000, 15_000);
    story.postText(1, 60_000);
    story.post(2, 1, 20_000);
    story.appendText(2000, 9_000);
    story.settle();
    story.appendText(1000, 15_000);
    story.append(1000, 9_000);
    story.abandon(2000);
    story.finish(1000, 300);
    story.settle();
    story.delivered(2, 0);
    story.pass(130);
    turn(story, 100);
    story.appendText(3000, 15_000);
    story.postText(3, 30_000);
    story.kill();
    story.start();
    story.postText(4, 30_000);
    story.settle();
    story.delivered(1, 0);
    story.restart();
    story.pass(250);
  }

  private static void resent(Story story) {
    story.start();
    story.commitKeyed(1, 400, "a");
    story.commitKeyed(2, 400, "a");
    story.postKeyed(3, 3_000, "b");
    story.postKeyed(4, 3_000, "b");
    story.postKeyed(5, 30_000, "c");
    story.settle();
    story.commitKeyed(6, 30_000, "c");
    story.delivered(1, 0);
    story.delivered(5, 0);
    for (int i = 0; i < 5; i++) {
      turn(story, 100 + 6 * i);
      story.commitKeyed(10 + i, 600, "d" + i % 3);
    }
    story.kill();
    story.open();
    story.postKeyed(20, 600, "a");
    story.postKeyed(21, 600, "e");
    story.postKeyed(22, 600, "e");
    story.settle();
    story.deliverAll(3, 23);
    story.pass(150);
    turn(story, 200);
    story.commitKeyed(23, 600, "b");
    story.restart();
    story.commitKeyed(24, 600, "e");
    turn(story, 300);
    story.pass(250);
  }

  /** Steps in any order; numbers of mails go up, and so do those of notices, from 5,000 on. */
  private static void anything(Story story, int seed) {
    var random = new SplittableRandom(seed);
    story.start();
    int next = 1;
    for (int i = 0; i < 70; i++) {
      int mail = random.nextInt(Math.max(1, next - 12), next + 1);
      switch (random.nextInt(10)) {
        case 0, 1, 2 -> story.post(next++, 1 + random.nextInt(3), random.nextInt(12_000));
        case 3 -> story.commit(next++, 1, 20_000 + random.nextInt(40_000));
        case 4, 5 -> story.deliverAll(mail, mail + 3);
        case 6 -> {
          if (mail < next && story.ledger.isWaiting(mail, 0)) {
            story.waits(mail, 0, 1 + i);
          }
        }
        case 7 -> {
          if (mail < next) {
            story.notice(5_000 + i, mail, 0, random.nextInt(30_000));
          }
        }
        case 8 -> story.pass(random.nextInt(150));
        default -> {
          if (random.nextInt(4) == 0) {
            story.kill();
            story.start();
          }
        }
      }
      if (random.nextBoolean()) {
        story.settle();
      }
    }
    story.pass(250);
  }
}
