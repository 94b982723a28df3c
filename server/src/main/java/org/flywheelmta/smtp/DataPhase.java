package org.flywheelmta.smtp;

import io.netty.buffer.ByteBuf;
import java.util.List;
import org.flywheelmta.base.Check;
import org.flywheelmta.base.MemoryBudget.Level;
import org.flywheelmta.base.NonThreadSafe;
import org.flywheelmta.base.TransactionId;
import org.flywheelmta.intake.IntakeCompletion;
import org.flywheelmta.intake.MailTaker;
import org.flywheelmta.intake.Reception;
import org.flywheelmta.message.ContentBuilder;
import org.flywheelmta.net.AcceptConstruct;
import org.flywheelmta.spool.Spool;
import org.jspecify.annotations.Nullable;

/**
 * The mail data of a session, from the 354 to the reply that answers its end. Content that grows
 * beyond {@link Spool#CHUNK_BYTES} goes to the disk while it arrives, and reading pauses while more
 * than {@link #CHUNKS_IN_FLIGHT} parts have not left memory. While memory is short one part is in
 * flight instead; shorter yet, parts leave that are smaller; and in the end all that is here.
 *
 * <p>Whatever is wrong with the data is remembered and said after its end, since only there does
 * the client listen.
 */
@NonThreadSafe
final class DataPhase implements DataReader.Sink {
  /** How many parts of one content may wait for the disk at once. */
  static final int CHUNKS_IN_FLIGHT = 4;

  /** What a content holds at least when it goes to the spool because memory is short. */
  static final int SPILL_BYTES = 16 * 1024;

  // A part is at least this share of its content, so that many parts are a large content.
  private static final int SPILL_SHARE = 32;

  private static final byte[] CRLF = {'\r', '\n'};

  private final SmtpSession session;
  private final AcceptConstruct construct;
  private final MailTaker taker;
  // Set from the 354 until the reply; the rest has a meaning only then.
  private @Nullable DataReader reader;
  private @Nullable ContentBuilder builder;
  private @Nullable TransactionId id;
  private @Nullable Reply refusal;
  private boolean deciding;
  private boolean appended;
  private boolean spillDue;
  private int chunksInFlight;
  private int shortChunks;
  private long sealedBytes;
  private long dataBytes;
  private long beganNanos;

  DataPhase(SmtpSession session, AcceptConstruct construct, MailTaker taker) {
    this.session = session;
    this.construct = construct;
    this.taker = taker;
  }

  /** True while input is mail data. */
  boolean receiving() {
    return reader != null && !deciding;
  }

  /** Begins after the 354. */
  void begin() {
    var scheduler = construct.scheduler();
    reader = new DataReader(session.policy().repairLineBreaks());
    id = taker.newId(scheduler);
    refusal = null;
    appended = false;
    shortChunks = 0;
    dataBytes = 0;
    beganNanos = scheduler.nanoTime();
    var fresh = new ContentBuilder(construct.allocator(), construct.account());
    builder = fresh;
    boolean utf8 = session.envelope().utf8();
    if (session.policy().traceHeaders()
        && !fresh.append(session.room().received().field(session.client(), utf8, id))) {
      refuseForMemory();
    }
    awaitData();
  }

  private void awaitData() {
    long left = session.policy().dataNanos() - (construct.scheduler().nanoTime() - beganNanos);
    construct.deadline(Math.clamp(left, 0, session.policy().dataIdleNanos()));
  }

  /** Reads what there is of the mail. */
  void onInput(ByteBuf input) {
    var current = reader;
    if (current == null) {
      throw Check.bug("mail data outside of a mail");
    }
    boolean ended = current.read(input, this);
    if (current.loneBreak() && refusal == null && !session.policy().repairLineBreaks()) {
      refuse(Replies.LONE_BREAK);
    }
    if (ended) {
      end(current);
    } else if (construct.suspended()) {
      // The disk is late, not the client.
      construct.noDeadline();
    } else {
      awaitData();
    }
  }

  @Override
  public void content(ByteBuf input, int index, int length) {
    var current = roomFor(length);
    if (current != null) {
      onAppended(current, current.append(input, index, length));
    }
  }

  @Override
  public void lineBreak() {
    var current = roomFor(CRLF.length);
    if (current != null) {
      onAppended(current, current.append(CRLF));
    }
  }

  /** Counts what has come; the content that it goes to, or null when the mail is refused. */
  private @Nullable ContentBuilder roomFor(int length) {
    dataBytes += length;
    if (refusal == null && dataBytes > session.policy().maxMessageBytes()) {
      refuse(Replies.TOO_LARGE);
    }
    return refusal == null ? builder : null;
  }

  private void onAppended(ContentBuilder current, boolean appendedAll) {
    if (!appendedAll) {
      refuseForMemory();
    } else if (current.heldBytes() >= SPILL_BYTES && current.heldBytes() >= partBytes(current)) {
      appendChunk(current);
    }
  }

  /** How much a content holds when it goes to the spool, by how short memory is. */
  private long partBytes(ContentBuilder current) {
    return taker.memory().atLeast(Level.SPILLING)
        ? Math.clamp(current.size() / SPILL_SHARE, SPILL_BYTES, Spool.CHUNK_BYTES)
        : Spool.CHUNK_BYTES;
  }

  private int mostInFlight() {
    return taker.memory().atLeast(Level.REFUSING) ? 1 : CHUNKS_IN_FLIGHT;
  }

  private void refuseForMemory() {
    taker.memory().counters().refusals.increment();
    refuse(Replies.NO_ROOM);
  }

  /**
   * Memory has become short: what is here goes to the spool, where it is large enough to, or in any
   * case when memory is as short as can be. Nothing is lost if it does not: the disk is late then,
   * and what is in flight brings this about again.
   */
  void relieve() {
    var current = builder;
    if (current == null || refusal != null || current.heldBytes() == 0) {
      return;
    }
    var level = taker.memory().level();
    boolean due =
        level == Level.PAUSING
            || (level == Level.SPILLING && current.heldBytes() >= partBytes(current));
    if (due && chunksInFlight < mostInFlight()) {
      appendChunk(current);
    } else {
      spillDue = due;
    }
  }

  /** The first thing that is wrong decides; what comes after it is read and dropped. */
  private void refuse(Reply reply) {
    refusal = reply;
    drop();
  }

  private void drop() {
    var current = builder;
    if (current != null) {
      current.discard();
      builder = null;
    }
    if (appended && id != null) {
      taker.abandon(id);
      appended = false;
    }
  }

  private void appendChunk(ContentBuilder current) {
    spillDue = false;
    if (current.heldBytes() < Spool.CHUNK_BYTES) {
      if (shortChunks == Spool.MAX_SHORT_CHUNKS - 1) {
        // The last one may be short too.
        refuseForMemory();
        return;
      }
      shortChunks++;
      taker.memory().counters().spills.increment();
    }
    var part = current.take();
    appended = true;
    chunksInFlight++;
    var account = construct.account();
    taker.append(
        reception(),
        part.bytes(),
        construct.scheduler(),
        () -> {
          account.release(part.pinnedBytes());
          construct.run(this::onChunkWritten);
        });
    if (chunksInFlight >= mostInFlight()) {
      // The disk is late then, not the client.
      construct.suspend();
      construct.noDeadline();
    }
  }

  private void onChunkWritten() {
    chunksInFlight--;
    if (spillDue) {
      spillDue = false;
      relieve();
    }
    if (chunksInFlight < mostInFlight()
        && receiving()
        && construct.suspended()
        && !construct.closed()) {
      awaitData();
      construct.resume();
      construct.flush();
      // What lay unread has come into memory since, and nothing more is read that would take it
      // away again.
      if (taker.memory().level() == Level.PAUSING) {
        relieve();
      }
    }
  }

  private TransactionId transactionId() {
    if (id == null) {
      throw Check.bug("a mail without an id");
    }
    return id;
  }

  private void end(DataReader finished) {
    construct.noDeadline();
    if (finished.loneBreak() && !session.policy().repairLineBreaks()) {
      // It goes before what else is wrong, so that the reply is the same for every split.
      refuse(Replies.LONE_BREAK);
    }
    if (refusal == null && finished.receivedHeaders() > session.policy().maxReceivedHeaders()) {
      refuse(Replies.TOO_MANY_HOPS);
    }
    var wrong = refusal;
    if (wrong != null) {
      finish(wrong);
      // Parts that still wait for the disk may have suspended the session.
      proceed();
      return;
    }
    deciding = true;
    construct.suspend();
    session.validate(() -> accept(finished), this::refuseAndFinish);
  }

  private void refuseAndFinish(Reply reply) {
    refuse(reply);
    finish(reply);
    proceed();
  }

  private void accept(DataReader finished) {
    var current = builder;
    if (current == null) {
      throw Check.bug("a mail without content");
    }
    builder = null;
    var account = construct.account();
    session.recipientsPass();
    var completion = new Completion();
    if (appended) {
      appended = false;
      long size = current.size();
      var last = current.take();
      var reception = reception();
      taker.append(
          reception,
          last.bytes(),
          construct.scheduler(),
          () -> account.release(last.pinnedBytes()));
      taker.acceptAppended(reception, size, finished.shape(), construct.scheduler(), completion);
    } else {
      var content = current.seal(finished.shape());
      sealedBytes = content.pinnedBytes();
      taker.accept(reception(), content, construct.scheduler(), completion);
    }
  }

  private Reception reception() {
    var envelope = session.envelope();
    return new Reception(
        transactionId(),
        construct.id(),
        beganNanos,
        envelope.sender(),
        envelope.fields(),
        List.copyOf(envelope.recipients()),
        new Reception.Origin(
            session.client().listener(), session.client().peer(), session.client().tls()));
  }

  private void finish(Reply reply) {
    reader = null;
    deciding = false;
    session.dataDone(reply);
  }

  private void proceed() {
    if (!construct.closed()) {
      construct.resume();
    }
    construct.flush();
  }

  /** The client is gone: nothing is kept, unless the spool has it already. */
  void cancel() {
    reader = null;
    drop();
  }

  private final class Completion implements IntakeCompletion {
    @Override
    public void onAccepted() {
      onDuplicate(transactionId());
    }

    @Override
    public void onDuplicate(TransactionId first) {
      end(new Reply(250, "2.0.0", "OK " + first));
    }

    @Override
    public void onRefused(Refusal refused) {
      end(
          switch (refused) {
            case NO_ROOM -> Replies.NO_ROOM;
            case FAILED -> Replies.SPOOL_FAILED;
            case STOPPING -> Replies.STOPPING;
          });
    }

    private void end(Reply reply) {
      // The content is the queue's from here on, or gone.
      construct.account().pass(sealedBytes);
      sealedBytes = 0;
      construct.run(
          () -> {
            finish(reply);
            proceed();
          });
    }
  }
}
