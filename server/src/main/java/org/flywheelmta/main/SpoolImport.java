package org.flywheelmta.main;

import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.Unpooled;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import java.util.function.Predicate;
import org.flywheelmta.base.NonThreadSafe;
import org.flywheelmta.base.TransactionId;
import org.flywheelmta.disk.Disk;
import org.flywheelmta.disk.DiskFailure;
import org.flywheelmta.disk.DiskFile;
import org.flywheelmta.message.Address;
import org.flywheelmta.message.Content;
import org.flywheelmta.message.Fields;
import org.flywheelmta.message.Message;
import org.flywheelmta.message.Tag;
import org.flywheelmta.scheduler.Scheduler;
import org.flywheelmta.spool.CommitCompletion;
import org.flywheelmta.spool.Spool;
import org.flywheelmta.spool.SpoolRefusal;
import org.jspecify.annotations.Nullable;

/**
 * Puts transactions into a spool that no server delivers from: one after another, a few under way
 * at once, so that the spool forces many together. It blocks on the disk of the files that it
 * reads.
 */
@NonThreadSafe
final class SpoolImport {
  private static final int MOST_UNDER_WAY = 256;
  private static final int MOST_BYTES = 1 << 30;

  private final Disk disk;
  private final Spool spool;
  private final Scheduler scheduler;
  private final ByteBufAllocator allocator;
  private final Predicate<TransactionId> known;
  private final Consumer<CompletableFuture<?>> patience;
  private final Consumer<String> errors;
  private final ArrayDeque<Commit> underWay = new ArrayDeque<>();
  private final Set<TransactionId> ids = new HashSet<>();
  private int imported;
  private int skipped;
  private int refused;

  /**
   * An import.
   *
   * @param scheduler where the spool answers
   * @param known whether the spool has a transaction of that id already
   * @param patience waits until something is done
   * @param errors takes one sentence for each file that is not imported
   */
  SpoolImport(
      Disk disk,
      Spool spool,
      Scheduler scheduler,
      ByteBufAllocator allocator,
      Predicate<TransactionId> known,
      Consumer<CompletableFuture<?>> patience,
      Consumer<String> errors) {
    this.disk = disk;
    this.spool = spool;
    this.scheduler = scheduler;
    this.allocator = allocator;
    this.known = known;
    this.patience = patience;
    this.errors = errors;
  }

  /**
   * The envelope of mail that comes without one.
   *
   * @param id of the new transaction
   * @param wallMicros when it is taken in
   */
  record Given(TransactionId id, long wallMicros, Address sender, List<Address> recipients) {
    private EnvelopeFile envelope(long contentBytes, Content.Shape shape) {
      var fields = Fields.NONE;
      if (shape.eightBit()) {
        fields = fields.with(Tag.BODY, new byte[] {8});
      }
      if (shape.eightBitHeader()
          || sender.needsUtf8()
          || recipients.stream().anyMatch(Address::needsUtf8)) {
        fields = fields.with(Tag.SMTPUTF8, new byte[0]);
      }
      var each =
          recipients.stream()
              .map(recipient -> new EnvelopeFile.Recipient(recipient, Fields.NONE, null))
              .toList();
      return new EnvelopeFile(id, wallMicros, sender, fields, contentBytes, each);
    }
  }

  /** Imports a transaction with its envelope; its outcome is counted when it is known. */
  void add(ImportSource source) {
    var json = source.envelope();
    if (json == null) {
      refuse(source, "it has no envelope beside it, and --from and --to are not given");
      return;
    }
    try {
      switch (EnvelopeFile.read(bytes(json))) {
        case EnvelopeFile.Read.Bad(var why) -> refuse(source, json + ": " + why);
        case EnvelopeFile.Read.Ok(var envelope) -> add(source, envelope);
      }
    } catch (DiskFailure failure) {
      refuse(source, String.valueOf(failure.getMessage()));
    }
  }

  private void add(ImportSource source, EnvelopeFile envelope) throws DiskFailure {
    if (ids.contains(envelope.id()) || known.test(envelope.id())) {
      skipped++;
      errors.accept(envelope.id() + " is left out, since the spool has it already");
      return;
    }
    var shape = new ContentShape();
    try (var file = disk.openRead(source.content())) {
      long size = file.size();
      if (envelope.contentBytes() >= 0 && envelope.contentBytes() != size) {
        refuse(
            source,
            "its envelope speaks of " + envelope.contentBytes() + " octets and it has " + size);
        return;
      }
      for (long at = 0; at < size; ) {
        var part = part(file, at);
        shape.add(part, part.length);
        at += part.length;
      }
      var whole = envelope.withBytes(size);
      if (size <= Spool.CHUNK_BYTES) {
        commit(source, whole, shape.shape(), part(file, 0));
      } else {
        commitParts(source, whole, shape.shape(), file);
      }
    }
  }

  /** Imports mail without an envelope; a CR or LF that stands alone becomes the end of a line. */
  void add(ImportSource source, Given given) {
    try {
      var octets = LineEnds.repaired(bytes(source.content()));
      var shape = new ContentShape();
      shape.add(octets, octets.length);
      commit(source, given.envelope(octets.length, shape.shape()), shape.shape(), octets);
    } catch (DiskFailure failure) {
      refuse(source, String.valueOf(failure.getMessage()));
    }
  }

  private void commit(
      ImportSource source, EnvelopeFile envelope, Content.Shape shape, byte[] octets) {
    var bytes = allocator.directBuffer(Math.max(1, octets.length)).writeBytes(octets);
    var content = new Content(bytes, shape, null, 0);
    var commit = new Commit(source, envelope, shape);
    spool.commit(commit.messages, content, scheduler, commit);
    content.release();
    began(commit);
  }

  /** One part is on its way to the disk while the next is read. */
  private void commitParts(
      ImportSource source, EnvelopeFile envelope, Content.Shape shape, DiskFile file)
      throws DiskFailure {
    var id = envelope.id();
    boolean whole = false;
    try {
      for (long at = 0; at < envelope.contentBytes(); ) {
        var part = part(file, at);
        if (part.length == 0) {
          break;
        }
        at += part.length;
        var written = new CompletableFuture<Boolean>();
        var octets = allocator.directBuffer(part.length).writeBytes(part);
        spool.append(id, octets, scheduler, () -> written.complete(true));
        patience.accept(written);
        whole = at == envelope.contentBytes();
      }
    } finally {
      if (!whole) {
        spool.abandon(id);
      }
    }
    if (!whole) {
      refuse(source, "it became shorter while it was read");
      return;
    }
    var commit = new Commit(source, envelope, shape);
    spool.commitChunked(commit.messages, Unpooled.EMPTY_BUFFER, scheduler, commit);
    began(commit);
  }

  private void began(Commit commit) {
    underWay.add(commit);
    ids.add(commit.envelope.id());
    if (underWay.size() == MOST_UNDER_WAY) {
      end(underWay.remove());
    }
  }

  private void end(Commit commit) {
    patience.accept(commit.done);
    var refusal = commit.done.join();
    if (commit.first != null) {
      skipped++;
      errors.accept(
          commit.envelope.id() + " is left out, since " + commit.first + " has its dedupe key");
      return;
    }
    if (refusal.isEmpty()) {
      imported++;
      return;
    }
    refuse(
        commit.source,
        switch (refusal.get()) {
          case FULL -> "the disk of the spool has no room for it";
          case SEALED -> "the disk of the spool has failed";
          case STOPPING -> "the spool was closed";
        });
  }

  /** Waits for what is under way. */
  void finish() {
    while (!underWay.isEmpty()) {
      end(underWay.remove());
    }
  }

  /** Transactions that are in the spool; forced, as their outcomes are once it is closed. */
  int imported() {
    return imported;
  }

  /** Those that the spool had already. */
  int skipped() {
    return skipped;
  }

  /** Those that could not be read, or that the spool did not take. */
  int refused() {
    return refused;
  }

  private void refuse(ImportSource source, String why) {
    refused++;
    errors.accept(source.content() + " is not imported: " + why);
  }

  private static byte[] part(DiskFile file, long at) throws DiskFailure {
    var part = ByteBuffer.allocate(Spool.CHUNK_BYTES);
    int read = file.read(part, at);
    return Arrays.copyOf(part.array(), read);
  }

  private byte[] bytes(Path path) throws DiskFailure {
    try (var file = disk.openRead(path)) {
      long size = file.size();
      if (size > MOST_BYTES) {
        throw new DiskFailure(DiskFailure.Kind.DAMAGED, path, "it is too large", null);
      }
      var octets = new byte[(int) size];
      int read = file.read(ByteBuffer.wrap(octets), 0);
      return Arrays.copyOf(octets, read);
    }
  }

  /** A transaction on its way; its outcomes follow once it is durable. */
  private final class Commit implements CommitCompletion {
    private final ImportSource source;
    private final EnvelopeFile envelope;
    private final List<Message> messages;
    private @Nullable TransactionId first;
    private final CompletableFuture<Optional<SpoolRefusal>> done = new CompletableFuture<>();

    private Commit(ImportSource source, EnvelopeFile envelope, Content.Shape shape) {
      this.source = source;
      this.envelope = envelope;
      this.messages = envelope.messages(shape);
    }

    @Override
    public void onCommitted() {
      for (int i = 0; i < messages.size(); i++) {
        var latest = envelope.recipients().get(i).latest();
        if (latest != null) {
          spool.outcome(envelope.id(), i, latest);
        }
      }
      end(Optional.empty());
    }

    @Override
    public void onDuplicate(TransactionId of) {
      first = of;
      end(Optional.empty());
    }

    @Override
    public void onRefused(SpoolRefusal refusal) {
      end(Optional.of(refusal));
    }

    private void end(Optional<SpoolRefusal> refusal) {
      messages.forEach(Message::release);
      done.complete(refusal);
    }
  }
}
