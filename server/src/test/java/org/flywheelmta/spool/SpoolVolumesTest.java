package org.flywheelmta.spool;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.Unpooled;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.TreeSet;
import org.flywheelmta.base.Admission;
import org.flywheelmta.disk.DiskFailure;
import org.flywheelmta.disk.SimDisk;
import org.flywheelmta.disk.SimDisk.CrashMode;
import org.flywheelmta.disk.SimDisk.Operation;
import org.flywheelmta.message.Fields;
import org.flywheelmta.message.Tag;
import org.flywheelmta.spool.StoredOutcome.Kind;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Several volumes are one spool, also while one of them has failed. */
class SpoolVolumesTest {
  private static final int MAILS = 60;
  private static final int NOTICE = 1000;
  private static final List<Operation> READS =
      List.of(Operation.OPEN, Operation.READ, Operation.LIST);

  private final SimDisk disk = new SimDisk(64L * SpoolFixture.SEGMENT_BYTES);

  private SpoolFixture open(long seed, int volumes) {
    return SpoolFixture.ofVolumes(disk, seed, volumes).openAndSettle();
  }

  /** From now on nothing is written to a volume any more. */
  private void fail(int volume) {
    disk.faults(
        (operation, number, file) ->
            !READS.contains(operation) && file.startsWith(SpoolFixture.volume(volume))
                ? DiskFailure.Kind.IO
                : null);
  }

  /** The second of two volumes fails, and has noticed it. */
  private void sealSecond(SpoolFixture spool) {
    fail(1);
    var order = new RendezvousOrder(List.of(SpoolFixture.FOLDER, SpoolFixture.volume(1)));
    int mail = 300;
    while (order.of(SpoolFixture.id(mail))[0] != 1) {
      mail++;
    }
    assertThat(spool.commit(mail).refusal).isEqualTo(SpoolRefusal.SEALED);
  }

  /** The power goes, the volume that failed is mended, and the next life begins. */
  private SpoolFixture next(SpoolFixture spool, long seed, int volumes) {
    spool.die();
    disk.faults((operation, number, file) -> null);
    disk.crash(CrashMode.DROPPED, new SplittableRandom(seed));
    return open(seed, volumes);
  }

  private static void commitAll(SpoolFixture spool) {
    for (int i = 1; i <= MAILS; i++) {
      assertThat(spool.commit(i).committed).as("mail %d", i).isTrue();
    }
  }

  /** Numbers of the mails that a volume has in the order of their ids first. */
  private static List<Integer> mailsOf(int volume, int volumes) {
    var folders = new ArrayList<Path>();
    for (int i = 0; i < volumes; i++) {
      folders.add(SpoolFixture.volume(i));
    }
    var order = new RendezvousOrder(folders);
    var mails = new ArrayList<Integer>();
    for (int i = 1; i <= MAILS; i++) {
      if (order.of(SpoolFixture.id(i))[0] == volume) {
        mails.add(i);
      }
    }
    return mails;
  }

  private static Set<String> keys(Iterable<Integer> mails) {
    var keys = new TreeSet<String>();
    mails.forEach(mail -> keys.add(SpoolFixture.key(mail, 0)));
    return keys;
  }

  private static List<Integer> allMails() {
    var mails = new ArrayList<Integer>();
    for (int i = 1; i <= MAILS; i++) {
      mails.add(i);
    }
    return mails;
  }

  @Test
  void mailIsSpreadAndFoundAgain() {
    var spool = open(1, 3);
    commitAll(spool);
    for (int volume = 0; volume < 3; volume++) {
      assertThat(mailsOf(volume, 3)).hasSizeGreaterThan(MAILS / 6);
    }
    for (int i = 1; i <= MAILS; i++) {
      assertThat(spool.load(i)).isEqualTo(SpoolFixture.octets(i, 500));
      assertThat(spool.envelope(SpoolFixture.id(i)).transaction().id())
          .isEqualTo(SpoolFixture.id(i));
    }
    var left = allMails();
    for (int i = 1; i <= MAILS; i += 2) {
      spool.delivered(i, 0);
      left.remove(Integer.valueOf(i));
    }
    spool.platform.advanceMillis(120);
    spool = next(spool, 2, 3);
    assertThat(spool.recovered.keySet()).isEqualTo(keys(left));
    assertThat(spool.recoveredCount).isEqualTo(left.size());
    spool.close();
  }

  @Test
  void envelopesOfSeveralVolumesAreReadAtOnce() {
    var spool = open(1, 3);
    commitAll(spool);
    var ids = allMails().stream().map(SpoolFixture::id).toList();
    var read = new ArrayList<Object>();
    spool.spool().envelopes(ids, spool.scheduler(), read::addAll);
    spool.platform.settle();
    assertThat(read).hasSize(MAILS);
    for (int i = 0; i < MAILS; i++) {
      assertThat(read.get(i).toString()).startsWith("Whole").contains(ids.get(i).toString());
    }
    var unknown = new ArrayList<Object>();
    var asked = List.of(ids.getFirst(), SpoolFixture.id(777));
    spool.spool().envelopes(asked, spool.scheduler(), unknown::addAll);
    spool.platform.settle();
    assertThat(unknown.getFirst().toString()).startsWith("Whole");
    assertThat(unknown.getLast().toString()).contains("no recipient of it waits");
    assertThat(spool.load(777)).isEqualTo("no recipient of it waits in the spool");
    spool.close();
  }

  @Test
  void volumeMayBeAddedAndOldMailIsFoundAllTheSame() {
    var spool = open(1, 1);
    commitAll(spool);
    spool.close();
    spool = open(2, 3);
    assertThat(spool.recovered.keySet()).isEqualTo(keys(allMails()));
    for (int i = 1; i <= MAILS; i++) {
      assertThat(spool.load(i)).isEqualTo(SpoolFixture.octets(i, 500));
      spool.delivered(i, 0);
    }
    spool.close();
    spool = open(3, 3);
    assertThat(spool.recovered).isEmpty();
    spool.close();
  }

  @Test
  void othersGoOnWhenOneFails() {
    var spool = open(1, 2);
    fail(1);
    var mails = mailsOf(1, 2);
    var first = spool.commit(mails.getFirst());
    assertThat(first.refusal).isEqualTo(SpoolRefusal.SEALED);
    assertThat(spool.lines.getLast()).startsWith("ERROR").contains("other volumes go on");
    assertThat(spool.spool().level()).isEqualTo(Admission.Level.OPEN);
    for (int mail : mails) {
      assertThat(spool.commit(mail + 100).committed).isTrue();
    }
    fail(0);
    assertThat(spool.commit(500).refusal).isEqualTo(SpoolRefusal.SEALED);
    assertThat(spool.spool().level()).isEqualTo(Admission.Level.PAUSED);
    assertThat(spool.lines).filteredOn(line -> line.startsWith("ERROR")).hasSize(2);
    spool = next(spool, 2, 2);
    var kept = new ArrayList<Integer>();
    mails.forEach(mail -> kept.add(mail + 100));
    assertThat(spool.recovered.keySet()).isEqualTo(keys(kept));
    spool.close();
  }

  @Test
  void outcomesOfOneThatFailedAreKeptByAnother() {
    var spool = open(1, 2);
    commitAll(spool);
    var mails = mailsOf(1, 2);
    int unforced = mails.get(0);
    int later = mails.get(1);
    int waiting = mails.get(2);
    // Written, and the force that it waits for fails.
    spool.delivered(unforced, 0);
    spool.platform.advanceMillis(20);
    fail(1);
    spool.platform.advanceMillis(120);
    spool.delivered(later, 0);
    var bound = Fields.NONE.with(Tag.BINDING, new byte[] {4});
    spool
        .spool()
        .outcome(SpoolFixture.id(waiting), 0, new StoredOutcome(Kind.WAITING, 2, 55, 5, "", bound));
    spool.spool().outcome(SpoolFixture.id(waiting), 0, SpoolFixture.outcome(Kind.WAITING, 3));
    // It can still be read, and so be delivered.
    assertThat(spool.load(waiting)).isEqualTo(SpoolFixture.octets(waiting, 500));
    spool.platform.advanceMillis(250);
    var left = allMails();
    left.removeAll(List.of(unforced, later));
    // Told again and again, by the other volume first and by its own from then on.
    for (int life = 2; life < 6; life++) {
      spool = next(spool, life, 2);
      assertThat(spool.recovered.keySet()).as("life %d", life).isEqualTo(keys(left));
      assertThat(spool.message(waiting, 0).attempts()).isEqualTo(3);
      assertThat(spool.message(waiting, 0).fields().value(Tag.BINDING)).containsExactly(4);
      spool.platform.advanceMillis(250);
    }
    spool.close();
  }

  @Test
  void whatWasKeptIsDroppedOnceItsOwnVolumeSaysIt() {
    var spool = open(1, 2);
    commitAll(spool);
    int mail = mailsOf(1, 2).getFirst();
    sealSecond(spool);
    spool.delivered(mail, 0);
    spool.platform.advanceMillis(250);
    assertThat(foreign(0)).isEqualTo(1);
    spool = next(spool, 2, 2);
    assertThat(foreign(0)).as("needed until it is durable at home").isEqualTo(1);
    spool.platform.advanceMillis(250);
    spool = next(spool, 3, 2);
    int next = 2000;
    for (int i = 0; i < 80; i++) {
      next = spool.turn(next);
    }
    assertThat(foreign(0)).as("its segment went round").isZero();
    spool.close();
  }

  /** Current foreign outcomes on a volume, as a start would find them. */
  private int foreign(int volume) {
    try {
      return new VolumeReader(disk, SpoolFixture.volume(volume)).foreign().size();
    } catch (DiskFailure failure) {
      throw new AssertionError(failure);
    }
  }

  @Test
  void keptOutcomeOutlivesItsSegmentsWhileItIsNeeded() {
    var spool = open(1, 2);
    commitAll(spool);
    int mail = mailsOf(1, 2).getFirst();
    sealSecond(spool);
    // Two of one recipient in one segment, of which the later counts.
    spool.spool().outcome(SpoolFixture.id(mail), 0, SpoolFixture.outcome(Kind.WAITING, 1));
    spool.platform.advanceMillis(20);
    spool.delivered(mail, 0);
    int next = 2000;
    for (int i = 0; i < 40; i++) {
      next = spool.turn(next);
    }
    assertThat(foreign(0)).isEqualTo(1);
    spool = next(spool, 2, 2);
    assertThat(spool.recovered).doesNotContainKey(SpoolFixture.key(mail, 0));
    spool.close();
  }

  @Test
  void olderStateThatIsStillKeptChangesNothing() {
    var spool = open(1, 2);
    commitAll(spool);
    int mail = mailsOf(1, 2).getFirst();
    sealSecond(spool);
    spool.spool().outcome(SpoolFixture.id(mail), 0, SpoolFixture.outcome(Kind.WAITING, 2));
    spool.platform.advanceMillis(250);
    spool = next(spool, 2, 2);
    assertThat(spool.message(mail, 0).attempts()).isEqualTo(2);
    spool.spool().outcome(SpoolFixture.id(mail), 0, SpoolFixture.outcome(Kind.WAITING, 7));
    spool.platform.advanceMillis(250);
    spool = next(spool, 3, 2);
    assertThat(spool.message(mail, 0).attempts()).isEqualTo(7);
    spool.close();
  }

  @Test
  void volumeThatIsTakenOutAndComesBackKnowsWhatBecameOfItsMail() {
    var spool = open(1, 2);
    commitAll(spool);
    int mail = mailsOf(1, 2).getFirst();
    sealSecond(spool);
    spool.delivered(mail, 0);
    spool.platform.advanceMillis(250);
    spool = next(spool, 2, 1);
    assertThat(spool.recovered).hasSizeLessThan(MAILS);
    spool.platform.advanceMillis(250);
    spool = next(spool, 3, 2);
    assertThat(spool.recovered).hasSize(MAILS - 1).doesNotContainKey(SpoolFixture.key(mail, 0));
    spool.close();
  }

  @Test
  void notificationWhoseForceFailsLeavesItsMailKnown() {
    var spool = open(1, 2);
    commitAll(spool);
    int mail = mailsOf(1, 2).getFirst();
    fail(1);
    var octets = SpoolFixture.octets(1, 700);
    var refused = spool.postSettling(NOTICE, octets, SpoolFixture.failed(mail, 0));
    spool.platform.settle();
    assertThat(refused.refusal).isEqualTo(SpoolRefusal.SEALED);
    assertThat(spool.envelope(SpoolFixture.id(mail)).transaction().id())
        .isEqualTo(SpoolFixture.id(mail));
    var again = spool.postSettling(NOTICE + 1, octets, SpoolFixture.failed(mail, 0));
    spool.platform.settle();
    assertThat(again.committed).isTrue();
    spool = next(spool, 2, 2);
    assertThat(spool.recovered)
        .containsKey(SpoolFixture.key(NOTICE + 1, 0))
        .doesNotContainKey(SpoolFixture.key(mail, 0));
    spool.close();
  }

  @Test
  void notificationSettlesAMessageOnAVolumeThatFailed() {
    var spool = open(1, 2);
    commitAll(spool);
    int mail = mailsOf(1, 2).getFirst();
    sealSecond(spool);
    var notice =
        spool.postSettling(NOTICE, SpoolFixture.octets(1, 700), SpoolFixture.failed(mail, 0));
    spool.platform.settle();
    assertThat(notice.committed).isTrue();
    assertThat(notice.contentIsFree()).isTrue();
    // The notification's own segment goes round, and what it settled stays settled.
    spool.delivered(NOTICE, 0);
    int next = 2000;
    for (int i = 0; i < 40; i++) {
      next = spool.turn(next);
    }
    spool = next(spool, 2, 2);
    assertThat(spool.recovered)
        .doesNotContainKeys(SpoolFixture.key(mail, 0), SpoolFixture.key(NOTICE, 0));
    spool.close();
  }

  @Test
  void notificationGoesToTheVolumeOfItsMail() {
    var spool = open(1, 3);
    commitAll(spool);
    for (int i = 1; i <= MAILS; i++) {
      var octets = SpoolFixture.octets(i, 700);
      spool.postSettling(NOTICE + i, octets, SpoolFixture.failed(i, 0));
      spool.platform.settle();
    }
    spool = next(spool, 2, 3);
    var notices = new ArrayList<Integer>();
    allMails().forEach(mail -> notices.add(NOTICE + mail));
    assertThat(spool.recovered.keySet()).isEqualTo(keys(notices));
    spool.close();
  }

  @Test
  void delayNoticeOfAMailOnAVolumeThatFailedIsRefused() {
    var spool = open(1, 2);
    commitAll(spool);
    int mail = mailsOf(1, 2).getFirst();
    sealSecond(spool);
    var delayed = new Settlement(SpoolFixture.id(mail), 0, SpoolFixture.outcome(Kind.WAITING, 1));
    var notice = spool.postSettling(NOTICE, SpoolFixture.octets(1, 700), delayed);
    spool.platform.settle();
    assertThat(notice.refusal).isEqualTo(SpoolRefusal.SEALED);
    assertThat(notice.contentIsFree()).isTrue();
    spool.die();
  }

  @Test
  void partsAndTheirCommitGoToOneVolume() {
    var spool = open(1, 2);
    int mail = mailsOf(1, 2).getFirst();
    var part = SpoolFixture.octets(3, 9_000);
    spool
        .spool()
        .append(SpoolFixture.id(mail), Unpooled.copiedBuffer(part), spool.scheduler(), () -> {});
    spool.platform.settle();
    sealSecond(spool);
    var answer = spool.commitChunked(mail, SpoolFixture.octets(4, 100), part);
    spool.platform.settle();
    assertThat(answer.refusal).as("half of it is on a disk that failed").isNotNull();
    var whole = spool.commitChunked(900, SpoolFixture.octets(4, 100), part, part);
    spool.platform.settle();
    assertThat(whole.committed).isTrue();
    spool = next(spool, 2, 2);
    assertThat(spool.recovered).doesNotContainKey(SpoolFixture.key(mail, 0));
    assertThat((byte[]) spool.load(900)).hasSize(18_100);
    spool.close();
  }

  @Test
  void closePassesOnWhatIsOnItsWay() {
    var spool = open(1, 1);
    commitAll(spool);
    spool.close();
    spool = open(2, 3);
    for (int i = 1; i <= MAILS; i++) {
      spool.delivered(i, 0);
    }
    // Nothing has run since: some of them have two volumes to go through.
    spool.close();
    spool = open(3, 3);
    assertThat(spool.recovered).isEmpty();
    spool.close();
  }

  @Test
  void missingVolumeIsMadeAndOneThatCannotBeOpenedStopsTheStart() {
    var spool = open(1, 1);
    spool.commit(1);
    spool.close();
    fail(1);
    var opened = SpoolFixture.ofVolumes(disk, 2, 2).tryOpen();
    assertThat(opened).isInstanceOf(Opened.Failed.class);
    disk.faults((operation, number, file) -> null);
    spool = open(3, 2);
    assertThat(spool.recovered).hasSize(1);
    spool.close();
  }

  @Test
  void eachWriteAndForceOfAVolumeMayFail() {
    for (int at = 0; at < 120; at += 3) {
      var fresh = new SimDisk(64L * SpoolFixture.SEGMENT_BYTES);
      new Failing(fresh, at).run();
    }
  }

  /** One story in which a volume fails at an operation, and then the power goes. */
  private static final class Failing {
    private final SimDisk disk;
    private final int at;
    private int operations;
    private boolean failing;

    Failing(SimDisk disk, int at) {
      this.disk = disk;
      this.at = at;
    }

    private DiskFailure.@Nullable Kind fault(Operation operation, Path file) {
      boolean counts = operation == Operation.WRITE || operation == Operation.FORCE;
      if (file.startsWith(SpoolFixture.volume(1)) && counts && operations++ >= at) {
        failing = true;
      }
      return failing && file.startsWith(SpoolFixture.volume(1)) ? DiskFailure.Kind.IO : null;
    }

    void run() {
      disk.faults((operation, number, file) -> fault(operation, file));
      var spool = SpoolFixture.ofVolumes(disk, at, 2);
      if (spool.tryOpen() instanceof Opened.Failed) {
        return;
      }
      spool.platform.settle();
      var waiting = new TreeSet<String>();
      var attempts = new TreeSet<String>();
      var done = new TreeSet<String>();
      for (int i = 1; i <= 12; i++) {
        boolean committed = spool.commit(i, 1, 4_000).committed;
        if (committed && i % 3 == 0) {
          spool.delivered(i, 0);
          done.add(SpoolFixture.key(i, 0));
        } else if (committed && i % 3 == 1) {
          spool.spool().outcome(SpoolFixture.id(i), 0, SpoolFixture.outcome(Kind.WAITING, 2));
          attempts.add(SpoolFixture.key(i, 0));
        }
        if (committed && i % 3 != 0) {
          waiting.add(SpoolFixture.key(i, 0));
        }
        spool.platform.advanceMillis(i % 4 == 0 ? 130 : 1);
      }
      spool.platform.advanceMillis(250);
      spool.die();
      disk.faults((operation, number, file) -> null);
      disk.crash(CrashMode.TORN, new SplittableRandom(at));
      var again = SpoolFixture.ofVolumes(disk, at + 1000, 2).openAndSettle();
      var back = new TreeSet<>(again.recovered.keySet());
      // What a failed force was not answered for may have reached the disk.
      back.retainAll(waiting);
      assertThat(back).as("failed from operation %d", at).isEqualTo(waiting);
      assertThat(again.recovered)
          .as("failed from operation %d", at)
          .doesNotContainKeys(done.toArray(String[]::new));
      for (var key : attempts) {
        var stub = again.recovered.get(key);
        assertThat(stub == null ? -1 : stub.attempts()).as(key + " at " + at).isEqualTo(2);
      }
      again.close();
    }
  }
}
