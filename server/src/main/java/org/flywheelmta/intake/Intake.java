package org.flywheelmta.intake;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.util.ArrayList;
import java.util.List;
import org.flywheelmta.base.Admission;
import org.flywheelmta.base.ConcurrentThreadSafe;
import org.flywheelmta.base.Counter;
import org.flywheelmta.base.MemoryBudget;
import org.flywheelmta.base.MemoryBudget.Level;
import org.flywheelmta.base.TransactionId;
import org.flywheelmta.event.EventLog;
import org.flywheelmta.event.MailEvent;
import org.flywheelmta.intake.Reception.Recipient;
import org.flywheelmta.message.Content;
import org.flywheelmta.message.ContentStore;
import org.flywheelmta.message.Fields;
import org.flywheelmta.message.Message;
import org.flywheelmta.message.Transaction;
import org.flywheelmta.scheduler.Scheduler;
import org.flywheelmta.spool.CommitCompletion;
import org.flywheelmta.spool.Spool;
import org.flywheelmta.spool.SpoolRefusal;
import org.jspecify.annotations.Nullable;

/**
 * The one door for received messages of any protocol. It answers yes only after the spool has
 * forced the transaction to disk.
 */
@ConcurrentThreadSafe
public final class Intake implements MailTaker {
  // A message must fit into memory to be delivered, with what the spool keeps around it.
  private static final int KEPT_FREE_SHARE = 8;

  private final Spool spool;
  private final EventLog events;
  private final HandOver handOver;
  private final Admission admission;
  private final MemoryBudget memory;
  private final MemoryBudget queueMemory;
  private final Counter received = new Counter("flywheel_messages_received_total");

  /** Takes over committed messages; the domain floor's door. */
  @FunctionalInterface
  public interface HandOver {
    /** Messages of one transaction, in stage committed; one reference to each passes. */
    void enqueue(List<Message> messages);

    /**
     * The id that a transaction is better off with, among those that differ in random bits alone.
     *
     * @param scheduler that takes it in
     */
    default TransactionId home(TransactionId id, Scheduler scheduler) {
      return id;
    }
  }

  /**
   * Joins the parts that a reception passes through.
   *
   * @param admission of everything that may be short: domain records, spool, event log
   * @param memory the budget of all content in memory, bytes of capacity
   * @param queueMemory the budget of all messages in memory, without their content
   */
  public Intake(
      Spool spool,
      EventLog events,
      HandOver handOver,
      Admission admission,
      MemoryBudget memory,
      MemoryBudget queueMemory) {
    this.spool = spool;
    this.events = events;
    this.handOver = handOver;
    this.admission = admission;
    this.memory = memory;
    this.queueMemory = queueMemory;
  }

  @Override
  public boolean takesMail() {
    return takesContent() && hasRoom(queueMemory);
  }

  @Override
  public boolean takesContent() {
    return admission.level() == Admission.Level.OPEN && hasRoom(memory);
  }

  private static boolean hasRoom(MemoryBudget budget) {
    if (budget.atLeast(Level.REFUSING)) {
      budget.counters().refusals.increment();
      return false;
    }
    return true;
  }

  @Override
  public TransactionId newId(Scheduler scheduler) {
    return handOver.home(MailTaker.super.newId(scheduler), scheduler);
  }

  @Override
  public boolean relays() {
    return true;
  }

  @Override
  public long largestBytes() {
    return memory.maximum() - memory.maximum() / KEPT_FREE_SHARE;
  }

  @Override
  public boolean takeRoom(Fields shared, Recipient recipient) {
    boolean room = queueMemory.tryTake(entryBytes(shared, recipient));
    if (!room) {
      queueMemory.counters().refusals.increment();
    }
    return room;
  }

  /**
   * Takes room for a message in whose place another will be gone, such as a notification and what
   * it tells of; even above the maximum, since a full queue would never empty otherwise. Until
   * {@link #accept} or {@link #giveBack}; the caller bounds how many there are.
   */
  public void takeRoomInPlace(Fields shared, Recipient recipient) {
    queueMemory.take(entryBytes(shared, recipient));
  }

  @Override
  public void giveBack(Fields shared, List<Recipient> recipients) {
    for (var recipient : recipients) {
      queueMemory.release(entryBytes(shared, recipient));
    }
  }

  /** Content of messages that wait, read back. */
  public ContentStore contents() {
    return spool;
  }

  private static long entryBytes(Fields shared, Recipient recipient) {
    return Message.entryBytes(shared, recipient.address(), recipient.fields());
  }

  @Override
  public MemoryBudget memory() {
    return memory;
  }

  @Override
  public void append(Reception reception, ByteBuf part, Scheduler asker, Runnable written) {
    spool.append(reception.id(), part, asker, written);
  }

  @Override
  public void abandon(TransactionId id) {
    spool.abandon(id);
  }

  /** How many messages were taken in. */
  public long received() {
    return received.value();
  }

  @Override
  public void reject(MailEvent rejection) {
    events.offer(rejection);
  }

  @Override
  public void accept(
      Reception reception, Content content, Scheduler scheduler, IntakeCompletion completion) {
    int recipients = reception.recipients().size();
    var transaction = transaction(reception, content.size(), content.shape(), scheduler);
    content.retain(recipients);
    try {
      var messages = split(reception, transaction, content);
      if (!events.reserve(recipients)) {
        refuse(messages, completion, IntakeCompletion.Refusal.NO_ROOM);
        return;
      }
      spool.commit(
          messages, content, scheduler, new Commit(reception, messages, scheduler, completion));
    } finally {
      content.release();
    }
  }

  @Override
  public void acceptAppended(
      Reception reception,
      long contentBytes,
      Content.Shape shape,
      Scheduler scheduler,
      IntakeCompletion completion) {
    var transaction = transaction(reception, contentBytes, shape, scheduler);
    var messages = split(reception, transaction, null);
    if (!events.reserve(messages.size())) {
      spool.abandon(reception.id());
      refuse(messages, completion, IntakeCompletion.Refusal.NO_ROOM);
      return;
    }
    spool.commitChunked(
        messages,
        Unpooled.EMPTY_BUFFER,
        scheduler,
        new Commit(reception, messages, scheduler, completion));
  }

  private static Transaction transaction(
      Reception reception, long contentBytes, Content.Shape shape, Scheduler scheduler) {
    return new Transaction(
        reception.id(),
        scheduler.wallMicros(),
        reception.sender(),
        reception.fields(),
        reception.recipients().size(),
        contentBytes,
        shape);
  }

  /** One message per recipient, each with a reference of its own to the content. */
  private List<Message> split(
      Reception reception, Transaction transaction, @Nullable Content content) {
    int count = reception.recipients().size();
    var messages = new ArrayList<Message>(count);
    for (int i = 0; i < count; i++) {
      var recipient = reception.recipients().get(i);
      var message =
          new Message(
              transaction,
              i,
              recipient.address(),
              recipient.fields(),
              Message.Stage.RECEIVED,
              content);
      message.charge(queueMemory);
      messages.add(message);
    }
    return messages;
  }

  private static void refuse(
      List<Message> messages, IntakeCompletion completion, IntakeCompletion.Refusal refusal) {
    for (var message : messages) {
      message.release();
    }
    completion.onRefused(refusal);
  }

  /** A transaction between the spool and its session. */
  private final class Commit implements CommitCompletion {
    private final Reception reception;
    private final List<Message> messages;
    private final Scheduler scheduler;
    private final IntakeCompletion completion;

    Commit(
        Reception reception,
        List<Message> messages,
        Scheduler scheduler,
        IntakeCompletion completion) {
      this.reception = reception;
      this.messages = messages;
      this.scheduler = scheduler;
      this.completion = completion;
    }

    @Override
    public void onCommitted() {
      received.add(messages.size());
      long latencyNanos = scheduler.nanoTime() - reception.beganNanos();
      boolean idsAlone = memory.atLeast(Level.SPILLING);
      for (var message : messages) {
        events.publish(reception(message, latencyNanos));
        message.advance(Message.Stage.RECEIVED, Message.Stage.COMMITTED);
        if (idsAlone && message.content() != null) {
          // The spool has the bytes; beyond the budget ids travel instead.
          message.swapOut();
          memory.counters().swapsOut.increment();
        }
      }
      handOver.enqueue(messages);
      completion.onAccepted();
    }

    @Override
    public void onDuplicate(TransactionId first) {
      // Its reception was told with the first one.
      events.release(messages.size());
      messages.forEach(Message::release);
      completion.onDuplicate(first);
    }

    @Override
    public void onRefused(SpoolRefusal refusal) {
      events.release(messages.size());
      refuse(
          messages,
          completion,
          switch (refusal) {
            case FULL -> IntakeCompletion.Refusal.NO_ROOM;
            case SEALED -> IntakeCompletion.Refusal.FAILED;
            case STOPPING -> IntakeCompletion.Refusal.STOPPING;
          });
    }

    private MailEvent reception(Message message, long latencyNanos) {
      var transaction = message.transaction();
      return new MailEvent(
          MailEvent.Type.RECEPTION,
          transaction.receivedMicros(),
          transaction.id(),
          message.index(),
          reception.connectionId(),
          reception.sender().toString(),
          message.recipient().toString(),
          transaction.contentBytes(),
          new MailEvent.Where(
              reception.origin().listener(),
              "",
              reception.origin().peer(),
              "",
              reception.origin().tls()),
          MailEvent.Reply.NONE,
          0,
          latencyNanos);
    }
  }
}
