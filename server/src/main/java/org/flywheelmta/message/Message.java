package org.flywheelmta.message;

import io.netty.util.AbstractReferenceCounted;
import io.netty.util.ReferenceCounted;
import org.flywheelmta.base.Check;
import org.flywheelmta.base.Lender;
import org.flywheelmta.base.MessageId;
import org.flywheelmta.base.SingleThreadSafe;
import org.jspecify.annotations.Nullable;

/**
 * One recipient of one accepted transaction. It belongs to one owner at a time, by {@link Stage};
 * whoever owns it may change it, and hands it over with everything that it holds.
 *
 * <p>It holds one reference to its content while that is in memory ({@link #content()}), and
 * releases it with its own last reference.
 */
@SingleThreadSafe
public final class Message extends AbstractReferenceCounted {
  /** What a message and its place in a domain record take on the heap. */
  public static final int RECORD_BYTES = 400;

  /** What the spool keeps on the heap for it. */
  public static final int SPOOL_BYTES = 64;

  private static final long ENTRY_BYTES = RECORD_BYTES + SPOOL_BYTES;

  /** Where a message stands, and who owns it there. */
  public enum Stage {
    /** With the session that received it. */
    RECEIVED,
    /** Durable, on its way to the scheduler of its domain record. */
    COMMITTED,
    /** In an active or delayed queue, owned by the scheduler of its domain record. */
    QUEUED,
    /** In a delivery session, owned by the same scheduler. */
    DELIVERING,
    /** Delivered, failed for good, or given up. */
    DONE
  }

  private final Transaction transaction;
  private final int index;
  private final Address recipient;
  private Fields fields;
  private Stage stage;
  private int attempts;
  private long dueMicros;
  private @Nullable Content content;
  private @Nullable Lender lender;
  private int chargedBytes;

  /**
   * Makes a message that its caller owns, with one reference to it.
   *
   * @param index of the recipient in its transaction, from 0
   * @param content one reference passes to the message; null where the bytes are in the spool alone
   */
  public Message(
      Transaction transaction,
      int index,
      Address recipient,
      Fields fields,
      Stage stage,
      @Nullable Content content) {
    Check.that(index >= 0 && index < transaction.recipients(), "a recipient's index is off");
    this.transaction = transaction;
    this.index = index;
    this.recipient = recipient;
    this.fields = fields;
    this.stage = stage;
    this.content = content;
  }

  public Transaction transaction() {
    return transaction;
  }

  /** The id, made anew at each call. */
  public MessageId id() {
    return new MessageId(transaction.id(), index);
  }

  /** Index of the recipient in its transaction, from 0. */
  public int index() {
    return index;
  }

  public Address recipient() {
    return recipient;
  }

  /** Tagged values of this recipient. */
  public Fields fields() {
    return fields;
  }

  /**
   * A time of the wall clock among its fields, or else of those of its transaction.
   *
   * @return microseconds since 1970; 0 where there is none
   */
  public long micros(int tag) {
    var value = fields.value(tag);
    if (value == null) {
      value = transaction.fields().value(tag);
    }
    if (value == null || value.length != Long.BYTES) {
      return 0;
    }
    long micros = 0;
    for (byte octet : value) {
      micros = (micros << 8) | (octet & 0xff);
    }
    return micros;
  }

  /** Sets a field. */
  public void amend(int tag, byte[] value) {
    fields = fields.with(tag, value);
  }

  public Stage stage() {
    return stage;
  }

  /** Moves the message from one stage to the next. */
  public void advance(Stage from, Stage to) {
    Check.that(stage == from, "a message is not in the stage that its owner takes it to be in");
    stage = to;
  }

  /** How many deliveries were attempted. */
  public int attempts() {
    return attempts;
  }

  /** When it may be attempted next: wall clock, microseconds since 1970; 0 for at once. */
  public long dueMicros() {
    return dueMicros;
  }

  /** Sets both after an attempt, or as the spool gave them back. */
  public void schedule(int attempts, long dueMicros) {
    this.attempts = attempts;
    this.dueMicros = dueMicros;
  }

  /**
   * Bytes that a message counts for while it is somewhere in the server, without its content.
   *
   * @param shared fields of its transaction
   * @param fields its own
   */
  public static long entryBytes(Fields shared, Address recipient, Fields fields) {
    return ENTRY_BYTES + recipient.bytes() + shared.bytes() + fields.bytes();
  }

  /** Bytes that it counts for. */
  public long entryBytes() {
    return entryBytes(transaction.fields(), recipient, fields);
  }

  /**
   * Its {@link #entryBytes} were taken from {@code from}, and go back with its last reference.
   * Called at most once.
   */
  public void charge(Lender from) {
    Check.that(lender == null, "a message is counted twice");
    lender = from;
    chargedBytes = Math.toIntExact(entryBytes());
  }

  /** The content, without a reference for the caller; null while only the spool has it. */
  public @Nullable Content content() {
    return content;
  }

  /** Swap out: gives the memory of the content back; the spool still has it. */
  public void swapOut() {
    if (content != null) {
      content.release();
      content = null;
    }
  }

  @Override
  protected void deallocate() {
    swapOut();
    if (lender != null) {
      lender.release(chargedBytes);
    }
  }

  @Override
  public ReferenceCounted touch(Object hint) {
    return this;
  }
}
