package org.flywheelmta.intake;

import io.netty.buffer.ByteBuf;
import java.util.List;
import org.flywheelmta.base.ConcurrentThreadSafe;
import org.flywheelmta.base.MemoryBudget;
import org.flywheelmta.base.TransactionId;
import org.flywheelmta.event.MailEvent;
import org.flywheelmta.message.Content;
import org.flywheelmta.message.Fields;
import org.flywheelmta.scheduler.Scheduler;

/**
 * Whoever takes the mail that a session receives, as far as a session of any protocol sees it:
 * {@link Intake}, from where it goes on, or a mailbox, where it ends. No method blocks.
 */
@ConcurrentThreadSafe
public interface MailTaker {
  /** True while new mail is taken; protocols ask when a transaction begins. */
  boolean takesMail();

  /** True while new content is taken; protocols ask before one begins. */
  boolean takesContent();

  /**
   * True where mail goes on to other hosts, so that it matters who may send it; false where it ends
   * here, whoever it is for.
   */
  boolean relays();

  /** The largest content that it takes, in octets; larger ones are refused for good. */
  long largestBytes();

  /**
   * Takes room for one recipient to come, until {@link #accept}, {@link #acceptAppended} or {@link
   * #giveBack}.
   *
   * @param shared the fields of its transaction
   * @return false when there is none: the recipient is refused for now
   */
  boolean takeRoom(Fields shared, Reception.Recipient recipient);

  /** Gives back room that was taken for recipients which were not accepted after all. */
  void giveBack(Fields shared, List<Reception.Recipient> recipients);

  /** The budget that content takes its memory from, in bytes of capacity. */
  MemoryBudget memory();

  /** Tells of mail that was refused before it became a reception. */
  void reject(MailEvent rejection);

  /** A new id for a transaction that begins now. */
  default TransactionId newId(Scheduler scheduler) {
    var random = scheduler.random();
    return TransactionId.of(scheduler.wallMicros(), random.nextLong(), random.nextLong());
  }

  /**
   * Appends a part of a content while it arrives, in order. It counts for nothing until {@link
   * #acceptAppended}.
   *
   * @param reception whose content it is; the same at each call, by its id
   * @param part one reference passes
   * @param written called on the asking scheduler exactly once, when the part has left memory or
   *     was dropped; it says nothing about success. So the caller bounds what it has in flight
   */
  void append(Reception reception, ByteBuf part, Scheduler asker, Runnable written);

  /** Forgets the parts of a reception that will not be accepted. */
  void abandon(TransactionId id);

  /**
   * Takes a reception whose content is in memory, and the room that was taken for its recipients.
   *
   * @param content one reference passes
   */
  void accept(
      Reception reception, Content content, Scheduler scheduler, IntakeCompletion completion);

  /**
   * Takes a reception whose content was appended while it arrived, and the room that was taken for
   * its recipients.
   *
   * @param contentBytes length of what was appended, in octets
   */
  void acceptAppended(
      Reception reception,
      long contentBytes,
      Content.Shape shape,
      Scheduler scheduler,
      IntakeCompletion completion);
}
