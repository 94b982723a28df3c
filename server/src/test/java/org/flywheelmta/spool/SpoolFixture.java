package org.flywheelmta.spool;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.buffer.UnpooledByteBufAllocator;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import org.flywheelmta.base.MemoryBudget;
import org.flywheelmta.base.NonThreadSafe;
import org.flywheelmta.base.OperatorLog;
import org.flywheelmta.base.TransactionId;
import org.flywheelmta.disk.SimDisk;
import org.flywheelmta.message.Address;
import org.flywheelmta.message.Content;
import org.flywheelmta.message.ContentStore;
import org.flywheelmta.message.Envelope;
import org.flywheelmta.message.Fields;
import org.flywheelmta.message.Message;
import org.flywheelmta.message.Stub;
import org.flywheelmta.message.Transaction;
import org.flywheelmta.scheduler.Scheduler;
import org.jspecify.annotations.Nullable;

/** A spool on a simulated disk, stepped by hand, with what it answered and gave back. */
@NonThreadSafe
final class SpoolFixture implements Recovered, OperatorLog {
  static final Path FOLDER = Path.of("/spool");
  static final int SEGMENT_BYTES = 64 * 1024;
  static final Content.Shape SHAPE = new Content.Shape(true, false, true, true);

  // Whatever is to be moved or verified, is so within some milliseconds of simulated time.
  static final SpoolSettings.Upkeep UPKEEP = new SpoolSettings.Upkeep(125, 64L << 20, 64L << 20);

  final SimDisk disk;
  final StepPlatform platform;
  final MemoryBudget memory = new MemoryBudget("memory_limit", 1L << 30);
  final List<String> lines = new ArrayList<>();
  final TreeMap<String, Stub> recovered = new TreeMap<>();
  private final List<SpoolSettings> volumes;
  private @Nullable Spool spool;
  private @Nullable Scheduler scheduler;
  long recoveredCount = -1;
  int refusingRecovered;

  SpoolFixture(SimDisk disk, long seed) {
    this(disk, seed, SEGMENT_BYTES);
  }

  SpoolFixture(SimDisk disk, long seed, int segmentBytes) {
    this(disk, seed, segmentBytes, UPKEEP);
  }

  private SpoolFixture(SimDisk disk, long seed, int segmentBytes, SpoolSettings.Upkeep upkeep) {
    this(disk, seed, segmentBytes, upkeep, SpoolSettings.Dedupe.DEFAULT);
  }

  SpoolFixture(
      SimDisk disk,
      long seed,
      int segmentBytes,
      SpoolSettings.Upkeep upkeep,
      SpoolSettings.Dedupe dedupe) {
    this(
        disk,
        seed,
        List.of(settings(FOLDER, segmentBytes, upkeep, SpoolSettings.Compression.NONE, dedupe)));
  }

  private SpoolFixture(SimDisk disk, long seed, List<SpoolSettings> volumes) {
    this.disk = disk;
    this.platform = new StepPlatform(seed);
    this.volumes = volumes;
  }

  private static SpoolSettings settings(
      Path path, int segmentBytes, SpoolSettings.Compression compression) {
    return settings(path, segmentBytes, UPKEEP, compression, SpoolSettings.Dedupe.DEFAULT);
  }

  private static SpoolSettings settings(
      Path path,
      int segmentBytes,
      SpoolSettings.Upkeep upkeep,
      SpoolSettings.Compression compression,
      SpoolSettings.Dedupe dedupe) {
    return new SpoolSettings(
        path, segmentBytes, 10_000, 100, segmentBytes, 1, true, upkeep, compression, dedupe);
  }

  /** A spool of several volumes, the first in {@link #FOLDER}. */
  static SpoolFixture ofVolumes(SimDisk disk, long seed, int count) {
    var volumes = new ArrayList<SpoolSettings>();
    for (int i = 0; i < count; i++) {
      volumes.add(settings(volume(i), SEGMENT_BYTES, SpoolSettings.Compression.NONE));
    }
    return new SpoolFixture(disk, seed, volumes);
  }

  /** The folder of a volume. */
  static Path volume(int number) {
    return number == 0 ? FOLDER : Path.of("/spool-" + number);
  }

  /** One that compresses large content. */
  static SpoolFixture compressing(SimDisk disk, long seed, int segmentBytes) {
    var compressing = settings(FOLDER, segmentBytes, SpoolSettings.Compression.ZSTD);
    return new SpoolFixture(disk, seed, List.of(compressing));
  }

  /** One that verifies what it reads for delivery, and nothing else. */
  static SpoolFixture withoutVerification(SimDisk disk, long seed) {
    return new SpoolFixture(disk, seed, SEGMENT_BYTES, new SpoolSettings.Upkeep(125, 0, 0));
  }

  /** One in which nothing is moved that a test does not move. */
  static SpoolFixture withoutCompaction(SimDisk disk, long seed) {
    return new SpoolFixture(disk, seed, SEGMENT_BYTES, new SpoolSettings.Upkeep(125, 0, 64L << 20));
  }

  Opened tryOpen() {
    var opened = SpoolVolumes.open(volumes, platform, disk, this, memory, this);
    if (opened instanceof Opened.Ok(var made)) {
      spool = made;
      scheduler = platform.schedulers("events", 1).getFirst();
    }
    return opened;
  }

  SpoolFixture open() {
    var opened = tryOpen();
    if (opened instanceof Opened.Failed(var kind, var line)) {
      throw new AssertionError(kind + ": " + line);
    }
    return this;
  }

  /** Opens and lets recovery end. */
  SpoolFixture openAndSettle() {
    open();
    platform.settle();
    return this;
  }

  Spool spool() {
    if (spool == null) {
      throw new AssertionError("the spool is not open");
    }
    return spool;
  }

  /** The spool, where it is of one volume. */
  LogSpool log() {
    return (LogSpool) spool();
  }

  Scheduler scheduler() {
    if (scheduler == null) {
      throw new AssertionError("the spool is not open");
    }
    return scheduler;
  }

  void close() {
    spool().close();
    platform.settle();
    recovered.clear();
    platform.close();
  }

  /** The process is gone: nothing of it reaches the disk any more, and its memory is given back. */
  void die() {
    disk.powerOffQuietly();
    if (spool != null) {
      close();
    }
  }

  static TransactionId id(int number) {
    return TransactionId.of(1_700_000_000_000_000L + number, number, number * 31L);
  }

  static Content content(byte[] bytes) {
    ByteBuf buffer = UnpooledByteBufAllocator.DEFAULT.directBuffer(Math.max(1, bytes.length));
    return new Content(buffer.writeBytes(bytes), SHAPE, null, 0);
  }

  /** Content that follows from its transaction's number. */
  static byte[] octets(int number, int length) {
    var octets = new byte[length];
    new java.util.Random(number).nextBytes(octets);
    return octets;
  }

  /** Content that follows from its transaction's number, and takes less room once compressed. */
  static byte[] text(int number, int length) {
    var text = new StringBuilder(length + 80);
    for (int line = 0; text.length() < length; line++) {
      text.append("Line ").append(line).append(" of the mail with the number ").append(number);
      text.append(", which says what the line before has said: ").append(line * 31 % 97);
      text.append("\r\n");
    }
    return text.substring(0, length).getBytes(StandardCharsets.US_ASCII);
  }

  static Fields fields(int number) {
    return Fields.NONE
        .with(3, ("ret" + number).getBytes(StandardCharsets.UTF_8))
        .with(60_000, new byte[] {1, 2, (byte) number})
        .with(65_535, new byte[0]);
  }

  static List<Message> messages(int number, int recipients, long contentBytes) {
    return messages(number, recipients, contentBytes, fields(number));
  }

  static List<Message> messages(
      int number, int recipients, long contentBytes, Fields ofTransaction) {
    var transaction =
        new Transaction(
            id(number),
            number * 1000L,
            Address.of("sender" + number + "@example.org"),
            ofTransaction,
            recipients,
            contentBytes,
            SHAPE);
    var messages = new ArrayList<Message>();
    for (int i = 0; i < recipients; i++) {
      var address = Address.of("r" + i + "@d" + number + ".example");
      messages.add(
          new Message(transaction, i, address, fields(i + 7), Message.Stage.RECEIVED, null));
    }
    return messages;
  }

  /** Asks for a commit; nothing runs yet. */
  Answer post(int number, int recipients, byte[] octets) {
    var content = content(octets);
    var answer = new Answer(content);
    var messages = messages(number, recipients, octets.length);
    spool().commit(messages, content, scheduler(), answer);
    content.release();
    return answer;
  }

  /** Asks for the commit of a transaction that settles a message; nothing runs yet. */
  Answer postSettling(int number, byte[] octets, Settlement settlement) {
    var content = content(octets);
    var answer = new Answer(content);
    var messages = messages(number, 1, octets.length, settlement.in(fields(number)));
    spool().commit(messages, content, scheduler(), answer);
    content.release();
    return answer;
  }

  /** The message of a transaction with a dedupe key. */
  static List<Message> keyed(int number, long contentBytes, String key) {
    var fields = DedupeKey.in(fields(number), key.getBytes(StandardCharsets.UTF_8));
    return messages(number, 1, contentBytes, fields);
  }

  /** Asks for the commit of a transaction with a dedupe key; nothing runs yet. */
  Answer postKeyed(int number, byte[] octets, String key) {
    var content = content(octets);
    var answer = new Answer(content);
    spool().commit(keyed(number, octets.length, key), content, scheduler(), answer);
    content.release();
    return answer;
  }

  /** The same, and waits for the answer. */
  Answer commitKeyed(int number, int length, String key) {
    var answer = postKeyed(number, octets(number, length), key);
    platform.settle();
    return answer;
  }

  /** What settles a recipient as failed. */
  static Settlement failed(int number, int recipient) {
    return new Settlement(id(number), recipient, outcome(StoredOutcome.Kind.FAILED, 1));
  }

  /** Commits and waits for the answer. */
  Answer commit(int number) {
    return commit(number, 1, 500);
  }

  Answer commit(int number, int recipients, int length) {
    var answer = post(number, recipients, octets(number, length));
    platform.settle();
    return answer;
  }

  /**
   * Fills and finishes about one segment.
   *
   * @return the number of the next mail
   */
  int turn(int from) {
    for (int i = from; i < from + 6; i++) {
      if (!commit(i, 1, 10_000).committed) {
        throw new AssertionError("mail " + i + " was refused");
      }
      delivered(i, 0);
    }
    platform.advanceMillis(110);
    return from + 6;
  }

  /** Appends in parts, then commits. */
  Answer commitChunked(int number, byte[] head, byte[]... parts) {
    long size = head.length;
    for (var part : parts) {
      spool().append(id(number), Unpooled.copiedBuffer(part), scheduler(), () -> {});
      size += part.length;
    }
    var answer = new Answer(null);
    spool()
        .commitChunked(messages(number, 1, size), Unpooled.copiedBuffer(head), scheduler(), answer);
    return answer;
  }

  static StoredOutcome outcome(StoredOutcome.Kind kind, int attempts) {
    return new StoredOutcome(
        kind, attempts, attempts * 1_000_000L, attempts, "250 answer " + attempts, Fields.NONE);
  }

  void delivered(int number, int recipient) {
    spool().outcome(id(number), recipient, outcome(StoredOutcome.Kind.DELIVERED, 1));
  }

  /** Reads back, and returns the octets or the reason. */
  Object load(int number) {
    var result = new Object[1];
    spool()
        .load(
            id(number),
            scheduler(),
            new ContentStore.Completion() {
              @Override
              public void onLoaded(Envelope envelope, Content content) {
                var octets = new byte[content.size()];
                content.bytes().getBytes(content.bytes().readerIndex(), octets);
                content.release();
                result[0] = octets;
              }

              @Override
              public void onUnavailable(boolean again, String reason) {
                result[0] = reason;
              }
            });
    platform.settle();
    return result[0];
  }

  @Override
  public boolean onRecovered(List<Stub> stubs) {
    if (refusingRecovered > 0) {
      refusingRecovered--;
      return false;
    }
    for (var stub : stubs) {
      if (recovered.put(stub.id() + "-" + stub.index(), stub) != null) {
        throw new AssertionError(stub.id() + "-" + stub.index() + " came back twice");
      }
    }
    return true;
  }

  @Override
  public void onRecoveryDone(long messages) {
    recoveredCount = messages;
  }

  static String key(int number, int recipient) {
    return id(number) + "-" + recipient;
  }

  /** What came back of a message. */
  Stub stub(int number, int recipient) {
    var stub = recovered.get(key(number, recipient));
    if (stub == null) {
      throw new AssertionError(key(number, recipient) + " did not come back");
    }
    return stub;
  }

  /** A message that came back, with its envelope. */
  Message message(int number, int recipient) {
    var stub = stub(number, recipient);
    var envelope = envelope(stub.id());
    var to = envelope.recipients().get(recipient);
    var fields = envelope.fields().get(recipient);
    var message =
        new Message(envelope.transaction(), recipient, to, fields, Message.Stage.COMMITTED, null);
    message.schedule(stub.attempts(), stub.dueMicros());
    if (!stub.domain().equals(to.domain())) {
      throw new AssertionError(stub + " is for " + to);
    }
    return message;
  }

  /** Reads an envelope back. */
  Envelope envelope(TransactionId id) {
    var result = new Envelope[1];
    spool()
        .envelopes(
            List.of(id),
            scheduler(),
            read -> {
              if (read.getFirst() instanceof ContentStore.EnvelopeRead.Whole(var envelope)) {
                result[0] = envelope;
              } else {
                throw new AssertionError(id + ": " + read.getFirst());
              }
            });
    platform.settle();
    return result[0];
  }

  @Override
  public void write(Level level, String text) {
    lines.add(level + " " + text);
  }

  /** What a commit was answered. */
  static final class Answer implements CommitCompletion {
    private final @Nullable Content content;
    boolean committed;
    @Nullable SpoolRefusal refusal;
    @Nullable TransactionId first;

    Answer(@Nullable Content content) {
      this.content = content;
    }

    boolean answered() {
      return committed || refusal != null || first != null;
    }

    private void once() {
      if (answered()) {
        throw new AssertionError("answered twice");
      }
    }

    @Override
    public void onCommitted() {
      once();
      committed = true;
    }

    @Override
    public void onDuplicate(TransactionId of) {
      once();
      first = of;
    }

    @Override
    public void onRefused(SpoolRefusal why) {
      once();
      refusal = why;
    }

    /** True when the spool let its reference go. */
    boolean contentIsFree() {
      return content == null || content.refCnt() == 0;
    }
  }
}
