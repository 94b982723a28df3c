package org.flywheelmta.spool;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.flywheelmta.base.MessageId;
import org.flywheelmta.base.NonThreadSafe;
import org.flywheelmta.base.TransactionId;
import org.flywheelmta.message.Address;
import org.flywheelmta.message.Content;
import org.flywheelmta.message.Envelope;
import org.flywheelmta.message.Fields;
import org.flywheelmta.message.Message;
import org.flywheelmta.message.Transaction;
import org.flywheelmta.scheduler.Scheduler;
import org.jspecify.annotations.Nullable;

/**
 * A spool in memory, for rooms whose tests need what was kept and not how. It keeps transactions
 * and outcomes, gives content back, and answers when a test lets it.
 */
@NonThreadSafe
public final class MemorySpool implements Spool {
  /** An outcome that was kept. */
  public record Entry(TransactionId id, int recipient, StoredOutcome outcome) {}

  /** A transaction that was committed, its content as ISO 8859-1. */
  public record Kept(TransactionId id, Address sender, List<Address> recipients, String content) {}

  public final List<Entry> outcomes = new ArrayList<>();

  /** The last outcome of each message that has one. */
  public final Map<MessageId, StoredOutcome> latest = new HashMap<>();

  public final List<Content> loaded = new ArrayList<>();
  public final List<Kept> kept = new ArrayList<>();
  public Level level = Level.OPEN;
  public boolean contentIsShort;

  /** While true, no envelope can be read, neither with its content nor without. */
  public boolean envelopesAreShort;

  /** How many envelopes were read without their content. */
  public int envelopesRead;

  /** While true, nothing asked of the spool is answered; {@link #letGo} ends it. */
  public boolean holding;

  /** Why transactions are refused; null while they are taken. */
  public @Nullable SpoolRefusal refusal;

  private final List<Runnable> held = new ArrayList<>();
  private final Map<DedupeKey, TransactionId> keys = new HashMap<>();
  private final Map<TransactionId, byte[]> contents = new LinkedHashMap<>();
  private final Map<TransactionId, ByteArrayOutputStream> parts = new LinkedHashMap<>();
  private final Map<TransactionId, Envelope> envelopes = new LinkedHashMap<>();
  private int appended;

  /** Keeps the content of a transaction, to be read back. */
  public void put(TransactionId id, byte[] content) {
    contents.put(id, content);
  }

  /** Keeps the envelope of a transaction, to be read back. */
  public void put(List<Message> messages) {
    var transaction = messages.getFirst().transaction();
    envelopes.put(
        transaction.id(),
        new Envelope(
            transaction,
            messages.stream().map(Message::recipient).toList(),
            messages.stream().map(Message::fields).toList()));
  }

  /** Loses it. */
  public void lose(TransactionId id) {
    contents.remove(id);
  }

  /** Loses its envelope with it: its record is damaged. */
  public void damage(TransactionId id) {
    contents.remove(id);
    envelopes.remove(id);
  }

  /** How many transactions have parts here and are neither committed nor abandoned. */
  public int unfinished() {
    return parts.size();
  }

  /** How many parts were appended so far. */
  public int appended() {
    return appended;
  }

  /** How many answers are held back. */
  public int held() {
    return held.size();
  }

  /** Gives the oldest {@code count} of the answers that were held back. */
  public void letGo(int count) {
    for (int i = 0; i < count; i++) {
      held.removeFirst().run();
    }
  }

  /** Gives all answers that were held back, and those to come at once. */
  public void letGo() {
    holding = false;
    letGo(held.size());
  }

  private void answer(Scheduler asker, Runnable answer) {
    if (holding) {
      held.add(() -> asker.post(answer));
    } else {
      asker.post(answer);
    }
  }

  @Override
  public void load(TransactionId id, Scheduler asker, Completion completion) {
    answer(
        asker,
        () -> {
          var octets = contents.get(id);
          boolean isShort = contentIsShort || envelopesAreShort;
          if (isShort || octets == null) {
            completion.onUnavailable(isShort, "content is not to be had");
            return;
          }
          var content =
              new Content(
                  Unpooled.wrappedBuffer(octets), new Content.Shape(false, false, true), null, 0);
          loaded.add(content);
          completion.onLoaded(envelopes.getOrDefault(id, unknown(id)), content);
        });
  }

  @Override
  public void envelopes(List<TransactionId> ids, Scheduler asker, EnvelopesCompletion completion) {
    var asked = List.copyOf(ids);
    answer(
        asker,
        () -> {
          var read = new ArrayList<EnvelopeRead>();
          for (var id : asked) {
            var envelope = envelopes.get(id);
            if (envelopesAreShort || envelope == null) {
              var reason = "there is no envelope of it";
              read.add(new EnvelopeRead.Unavailable(envelopesAreShort, reason));
            } else {
              envelopesRead++;
              read.add(new EnvelopeRead.Whole(envelope));
            }
          }
          completion.onRead(read);
        });
  }

  private static Envelope unknown(TransactionId id) {
    var shape = new Content.Shape(false, false, true);
    return new Envelope(
        new Transaction(id, 0, Address.NULL, Fields.NONE, 1, 0, shape),
        List.of(Address.NULL),
        List.of(Fields.NONE));
  }

  @Override
  public void outcome(TransactionId id, int recipient, StoredOutcome outcome) {
    outcomes.add(new Entry(id, recipient, outcome));
    latest.put(new MessageId(id, recipient), outcome);
    var envelope = envelopes.get(id);
    if (envelope != null && outcome.fields().count() > 0) {
      var fields = new ArrayList<>(envelope.fields());
      fields.set(recipient, FieldsCodec.merge(fields.get(recipient), outcome.fields()));
      envelopes.put(id, new Envelope(envelope.transaction(), envelope.recipients(), fields));
    }
  }

  @Override
  public Level level() {
    return level;
  }

  @Override
  public void commit(
      List<Message> messages, Content content, Scheduler asker, CommitCompletion completion) {
    content.retain();
    answer(
        asker,
        () -> {
          var octets = octets(content.bytes());
          content.release();
          complete(messages, octets, completion);
        });
  }

  private static byte[] octets(ByteBuf bytes) {
    var octets = new byte[bytes.readableBytes()];
    bytes.duplicate().readBytes(octets);
    return octets;
  }

  private void complete(List<Message> messages, byte[] octets, CommitCompletion completion) {
    var why = refusal;
    if (why != null) {
      completion.onRefused(why);
      return;
    }
    var transaction = messages.getFirst().transaction();
    var key = DedupeKey.of(transaction.fields());
    var first = key == null ? null : keys.putIfAbsent(key, transaction.id());
    if (first != null) {
      completion.onDuplicate(first);
      return;
    }
    put(transaction.id(), octets);
    put(messages);
    var settles = Settlement.of(transaction.fields());
    if (settles != null) {
      outcome(settles.id(), settles.recipient(), settles.outcome());
    }
    kept.add(
        new Kept(
            transaction.id(),
            transaction.sender(),
            messages.stream().map(Message::recipient).toList(),
            new String(octets, StandardCharsets.ISO_8859_1)));
    completion.onCommitted();
  }

  @Override
  public void append(TransactionId id, ByteBuf part, Scheduler asker, Runnable written) {
    appended++;
    parts.computeIfAbsent(id, _ -> new ByteArrayOutputStream()).writeBytes(octets(part));
    answer(
        asker,
        () -> {
          part.release();
          written.run();
        });
  }

  @Override
  public void commitChunked(
      List<Message> messages, ByteBuf head, Scheduler asker, CommitCompletion completion) {
    var all = new ByteArrayOutputStream();
    all.writeBytes(octets(head));
    head.release();
    var tail = parts.remove(messages.getFirst().transaction().id());
    if (tail != null) {
      all.writeBytes(tail.toByteArray());
    }
    answer(asker, () -> complete(messages, all.toByteArray(), completion));
  }

  @Override
  public void abandon(TransactionId id) {
    contents.remove(id);
    parts.remove(id);
  }

  @Override
  public void close() {}
}
