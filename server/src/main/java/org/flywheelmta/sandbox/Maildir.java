package org.flywheelmta.sandbox;

import io.netty.buffer.ByteBuf;
import java.nio.file.Path;
import java.util.List;
import org.flywheelmta.base.ConcurrentThreadSafe;
import org.flywheelmta.base.Counter;
import org.flywheelmta.base.Limit;
import org.flywheelmta.base.MemoryBudget;
import org.flywheelmta.base.MemoryBudget.Level;
import org.flywheelmta.base.OperatorLog;
import org.flywheelmta.base.TransactionId;
import org.flywheelmta.disk.Disk;
import org.flywheelmta.disk.DiskFailure;
import org.flywheelmta.event.MailEvent;
import org.flywheelmta.intake.IntakeCompletion;
import org.flywheelmta.intake.MailTaker;
import org.flywheelmta.intake.Reception;
import org.flywheelmta.intake.Reception.Recipient;
import org.flywheelmta.message.Content;
import org.flywheelmta.message.Fields;
import org.flywheelmta.message.Message;
import org.flywheelmta.scheduler.Platform;
import org.flywheelmta.scheduler.Scheduler;
import org.flywheelmta.scheduler.Worker;
import org.jctools.queues.MpscUnboundedArrayQueue;

/**
 * A mailbox of files in which mail ends: one file for each mail, whoever it is for. It answers yes
 * only after the file and its name were forced to disk.
 *
 * <p>Sessions are its only askers, and each has a bounded number of parts under way; mails that
 * wait are bounded by {@link #MOST_WAITING}.
 */
@ConcurrentThreadSafe
final class Maildir implements MailTaker, AutoCloseable {
  /** How many mails may wait for the disk; further ones are refused for now. */
  static final int MOST_WAITING = 1_000;

  /** How many bytes the recipients of mails that are not kept yet may take together. */
  static final long MOST_ENVELOPE_BYTES = 32L << 20;

  private static final int QUEUE_CHUNK = 128;

  private final MpscUnboundedArrayQueue<MaildirRequest> requests =
      new MpscUnboundedArrayQueue<>(QUEUE_CHUNK);
  private final Limit waiting = new Limit("sandbox_waiting", MOST_WAITING);
  private final Limit envelopes = new Limit("sandbox_envelopes", MOST_ENVELOPE_BYTES);
  private final Counter stored = new Counter("flywheel_sandbox_messages_total");
  private final MemoryBudget memory;
  private final MaildirLimits limits;
  private final MaildirDuty duty;
  private final Worker worker;
  private volatile boolean stopping;

  private Maildir(
      MailFolder folder,
      MaildirLimits limits,
      MemoryBudget memory,
      Platform platform,
      OperatorLog log) {
    this.memory = memory;
    this.limits = limits;
    this.duty = new MaildirDuty(folder, requests, this::giveBack, stored, log);
    this.worker = platform.worker("sandbox", duty);
  }

  /**
   * Opens one; blocks.
   *
   * @param path of the Maildir, made where it is missing
   * @param memory the budget of the content that arrives. It is not that of what waits for
   *     delivery: a delivery that waits for the sandbox keeps its content meanwhile
   * @throws DiskFailure when the folder cannot be used, or another process holds it
   */
  static Maildir open(
      Path path,
      MaildirLimits limits,
      MemoryBudget memory,
      Disk disk,
      Platform platform,
      OperatorLog log)
      throws DiskFailure {
    return new Maildir(MailFolder.open(disk, path, limits), limits, memory, platform, log);
  }

  @Override
  public boolean takesMail() {
    return takesContent() && waiting.taken() < waiting.maximum();
  }

  @Override
  public boolean takesContent() {
    if (memory.atLeast(Level.REFUSING)) {
      memory.counters().refusals.increment();
      return false;
    }
    return !duty.isFull();
  }

  @Override
  public boolean relays() {
    return false;
  }

  @Override
  public long largestBytes() {
    return limits.maxBytes();
  }

  @Override
  public boolean takeRoom(Fields shared, Recipient recipient) {
    return envelopes.tryTake(bytes(shared, recipient));
  }

  @Override
  public void giveBack(Fields shared, List<Recipient> recipients) {
    for (var recipient : recipients) {
      envelopes.release(bytes(shared, recipient));
    }
  }

  private void giveBack(Reception reception) {
    waiting.release(1);
    giveBackRecipients(reception);
  }

  private void giveBackRecipients(Reception reception) {
    giveBack(reception.fields(), reception.recipients());
  }

  private static long bytes(Fields shared, Recipient recipient) {
    return Message.entryBytes(shared, recipient.address(), recipient.fields());
  }

  @Override
  public MemoryBudget memory() {
    return memory;
  }

  /** Nothing: whoever brought the mail tells of it as an attempt that failed. */
  @Override
  public void reject(MailEvent rejection) {}

  @Override
  public void append(Reception reception, ByteBuf part, Scheduler asker, Runnable written) {
    post(new MaildirRequest.Append(reception, part, asker, written));
  }

  @Override
  public void abandon(TransactionId id) {
    post(new MaildirRequest.Abandon(id));
  }

  @Override
  public void accept(
      Reception reception, Content content, Scheduler scheduler, IntakeCompletion completion) {
    if (refuses(reception, completion)) {
      content.release();
      return;
    }
    post(new MaildirRequest.Store(reception, content, scheduler, completion));
  }

  @Override
  public void acceptAppended(
      Reception reception,
      long contentBytes,
      Content.Shape shape,
      Scheduler scheduler,
      IntakeCompletion completion) {
    if (refuses(reception, completion)) {
      abandon(reception.id());
      return;
    }
    post(new MaildirRequest.Store(reception, null, scheduler, completion));
  }

  /** Takes a place among those that wait, or refuses. */
  private boolean refuses(Reception reception, IntakeCompletion completion) {
    boolean room = !stopping && !duty.isFull() && waiting.tryTake(1);
    if (!room) {
      giveBackRecipients(reception);
      completion.onRefused(
          stopping ? IntakeCompletion.Refusal.STOPPING : IntakeCompletion.Refusal.NO_ROOM);
    }
    return !room;
  }

  private void post(MaildirRequest request) {
    requests.offer(request);
    worker.wake();
  }

  /** How many mails were kept. */
  long stored() {
    return stored.value();
  }

  /** How many mails wait, and how many bytes their recipients take, for tests that count. */
  long waitingMails() {
    return waiting.taken();
  }

  long envelopeBytes() {
    return envelopes.taken();
  }

  /**
   * Writes what waits and gives the folder back; blocks. The server closes it when the last of its
   * sessions has closed, so nobody asks any more.
   */
  @Override
  public void close() {
    stopping = true;
    worker.close();
    // The worker has ended, so this thread owns its work from here on.
    duty.finish();
  }
}
