package org.flywheelmta.spool;

import io.netty.buffer.Unpooled;
import java.io.ByteArrayOutputStream;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.BooleanSupplier;
import org.flywheelmta.base.NonThreadSafe;
import org.flywheelmta.disk.SimDisk;
import org.flywheelmta.spool.StoredOutcome.Kind;
import org.jspecify.annotations.Nullable;

/** The steps that scenarios are made of: one spool over one or more lives, and its ledger. */
@NonThreadSafe
final class Story {
  /** A life of the spool has ended, and the test wants no further one. */
  static final class Over extends RuntimeException {
    private static final long serialVersionUID = 1L;

    Over() {
      super("the story is over", null, false, false);
    }
  }

  private static final Path BALLAST = Path.of("/ballast");

  final SimDisk disk;
  final StoryLedger ledger = new StoryLedger();
  final StoryKeys keys = new StoryKeys();
  private final Map<Integer, ByteArrayOutputStream> parts = new TreeMap<>();
  private final int volumes;
  private final long seed;
  private SpoolFixture spool;
  private BooleanSupplier endsWithLife = () -> false;
  private long earlierNanos;
  private int lives;
  private boolean compressing;
  private boolean recoveryNoted;
  private boolean isClosed;
  private @Nullable String notOpened;

  /** A story whose disk is as large as so many segments. */
  Story(int segments, int volumes, long seed) {
    this.disk = new SimDisk((long) segments * SpoolFixture.SEGMENT_BYTES);
    this.volumes = volumes;
    this.seed = seed;
    this.spool = SpoolFixture.ofVolumes(disk, seed, volumes);
  }

  /** Where it says true, a step that would begin another life throws {@link Over} instead. */
  void endWithLife(BooleanSupplier ends) {
    endsWithLife = ends;
  }

  /** What the operator was told when a life could not begin; null where all of them did. */
  @Nullable String notOpened() {
    return notOpened;
  }

  /** From here on large content is compressed; said before the first start. */
  void compress() {
    compressing = true;
    spool.die();
    disk.killProcess();
    spool = life();
  }

  private SpoolFixture life() {
    return compressing
        ? SpoolFixture.compressing(disk, seed + lives, SpoolFixture.SEGMENT_BYTES)
        : SpoolFixture.ofVolumes(disk, seed + lives, volumes);
  }

  SpoolFixture spool() {
    return spool;
  }

  /** Runs on through all lives. */
  long nowNanos() {
    return earlierNanos + spool.platform.nanoTime();
  }

  /** Opens, and lets recovery end. */
  void start() {
    open();
    settle();
  }

  /** Opens; nothing runs yet. */
  void open() {
    if (spool.tryOpen() instanceof Opened.Failed(var kind, var line)) {
      notOpened = line;
      endWhereAsked();
      throw new AssertionError(kind + ": " + line);
    }
  }

  void settle() {
    spool.platform.settle();
    noteRecovery();
  }

  /** Lets time pass. */
  void pass(int millis) {
    spool.platform.advanceMillis(millis);
    noteRecovery();
  }

  private void noteRecovery() {
    if (!recoveryNoted && spool.recoveredCount >= 0) {
      recoveryNoted = true;
      ledger.recovered(spool);
    }
  }

  /** Asks for a commit; nothing runs yet. */
  void post(int number, int recipients, int length) {
    var octets = SpoolFixture.octets(number, length);
    ledger.asked(number, recipients, octets, spool.post(number, recipients, octets));
  }

  /** The same with content that can be compressed. */
  void postText(int number, int length) {
    var octets = SpoolFixture.text(number, length);
    ledger.asked(number, 1, octets, spool.post(number, 1, octets));
  }

  /** The same of one with a dedupe key. */
  void postKeyed(int number, int length, String key) {
    var octets = SpoolFixture.octets(number, length);
    var answer = spool.postKeyed(number, octets, key);
    ledger.asked(number, 1, octets, answer);
    keys.asked(number, key, answer);
  }

  void commitKeyed(int number, int length, String key) {
    postKeyed(number, length, key);
    settle();
  }

  void commit(int number, int recipients, int length) {
    post(number, recipients, length);
    settle();
  }

  /** Commits mails to one recipient each. */
  void commitAll(int from, int to, int length) {
    for (int i = from; i < to; i++) {
      commit(i, 1, length);
    }
  }

  /** Gives the spool a part of a content; nothing runs yet. */
  void append(int number, int length) {
    append(number, SpoolFixture.octets(number + partsOf(number).size(), length));
  }

  /** The same with a part that can be compressed. */
  void appendText(int number, int length) {
    append(number, SpoolFixture.text(number + partsOf(number).size(), length));
  }

  private ByteArrayOutputStream partsOf(int number) {
    return parts.computeIfAbsent(number, key -> new ByteArrayOutputStream());
  }

  private void append(int number, byte[] part) {
    partsOf(number).writeBytes(part);
    ledger.abandoned(number);
    var id = SpoolFixture.id(number);
    spool.spool().append(id, Unpooled.copiedBuffer(part), spool.scheduler(), () -> {});
  }

  /** Commits what was appended, with a head before it; nothing runs yet. */
  void finish(int number, int headLength) {
    var head = SpoolFixture.octets(number * 7, headLength);
    var whole = new ByteArrayOutputStream();
    whole.writeBytes(head);
    whole.writeBytes(parts.getOrDefault(number, new ByteArrayOutputStream()).toByteArray());
    var answer = new SpoolFixture.Answer(null);
    ledger.asked(number, 1, whole.toByteArray(), answer);
    var messages = SpoolFixture.messages(number, 1, whole.size());
    spool.spool().commitChunked(messages, Unpooled.copiedBuffer(head), spool.scheduler(), answer);
  }

  void abandon(int number) {
    spool.spool().abandon(SpoolFixture.id(number));
  }

  void delivered(int number, int recipient) {
    ended(number, recipient, Kind.DELIVERED);
  }

  /** An outcome after which the recipient never comes back; nothing runs yet. */
  void ended(int number, int recipient, Kind kind) {
    ledger.finished(number, recipient, nowNanos());
    outcome(number, recipient, kind, 1);
  }

  /** An attempt that failed; nothing runs yet. */
  void waits(int number, int recipient, int attempts) {
    ledger.waits(number, recipient, attempts, nowNanos());
    outcome(number, recipient, Kind.WAITING, attempts);
  }

  private void outcome(int number, int recipient, Kind kind, int attempts) {
    var outcome = SpoolFixture.outcome(kind, attempts);
    spool.spool().outcome(SpoolFixture.id(number), recipient, outcome);
  }

  /** Delivers every mail of a range that waits. */
  void deliverAll(int from, int to) {
    ledger.forEachWaiting(
        (number, recipient) -> {
          if (number >= from && number < to) {
            delivered(number, recipient);
          }
        });
  }

  /** Asks for the commit of a transaction that settles a message which waits. */
  void notice(int number, int other, int recipient, int length) {
    if (!ledger.isWaiting(other, recipient)) {
      return;
    }
    var octets = SpoolFixture.octets(number, length);
    var answer = spool.postSettling(number, octets, SpoolFixture.failed(other, recipient));
    ledger.asked(number, 1, octets, answer);
    ledger.settles(number, other, recipient);
  }

  /** Reads a content back. */
  Object read(int number) {
    return spool.load(number);
  }

  /** Others on the volume leave so much of it. */
  void leaveFree(long bytes) {
    relieve();
    disk.put(BALLAST, new byte[(int) (disk.freeBytes(SpoolFixture.FOLDER) - bytes)]);
  }

  /** Others on the volume give back what they took. */
  void relieve() {
    relieve(disk);
  }

  static void relieve(SimDisk disk) {
    disk.put(BALLAST, new byte[0]);
  }

  /** A stop in peace and a start. */
  void restart() {
    endWhereAsked();
    close();
    nextLife();
    start();
  }

  /** A stop in peace. */
  void close() {
    spool.close();
    isClosed = true;
    endWhereAsked();
  }

  boolean isClosed() {
    return isClosed;
  }

  /** The process is killed; the next life is not open yet. */
  void kill() {
    endWhereAsked();
    spool.die();
    disk.killProcess();
    nextLife();
  }

  private void endWhereAsked() {
    if (endsWithLife.getAsBoolean()) {
      throw new Over();
    }
  }

  private void nextLife() {
    ledger.nextLife();
    isClosed = false;
    earlierNanos += spool.platform.nanoTime();
    lives++;
    recoveryNoted = false;
    spool = life();
  }

  /** Gives back what the story holds in memory, however it ended. */
  void end() {
    spool.die();
  }
}
