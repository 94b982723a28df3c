package org.flywheelmta.spool;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.Unpooled;
import java.util.Arrays;
import java.util.List;
import java.util.function.Consumer;
import org.flywheelmta.base.SingleThreadSafe;
import org.flywheelmta.disk.Disk;
import org.flywheelmta.disk.DiskFailure;
import org.jspecify.annotations.Nullable;

/**
 * Fetches, step by step, what one segment still holds: states and records that outlive it, and of
 * bodies those that are asked for. What it found goes to the commit thread, which knows what of it
 * is still needed by then.
 */
@SingleThreadSafe
final class Extraction {
  private final Segment from;
  private final int[] bodies;
  private final ByteBufAllocator allocator;
  private final RecordReader records;
  private final Consumer<Request> commits;
  private @Nullable ByteBuf factsRead;
  private @Nullable Facts facts;
  private boolean readable = true;
  private boolean ended;
  private long sent;

  /**
   * @param bodies positions of transactions and chunks that are asked for, ascending
   * @param window lent for the call
   * @param commits takes requests to the commit thread
   */
  Extraction(
      Segment from,
      int[] bodies,
      Disk disk,
      RecordReader records,
      ByteBufAllocator allocator,
      ScanWindow window,
      Consumer<Request> commits)
      throws DiskFailure {
    this.from = from;
    this.bodies = bodies;
    this.allocator = allocator;
    this.records = records;
    this.commits = commits;
    var read = SegmentFacts.read(disk, from, window);
    this.factsRead = read.facts();
    this.facts = new Facts(read.facts());
  }

  /** A segment whose records cannot even be listed. */
  static Request.Restated unreadable(Segment from) {
    return new Request.Restated(from, false);
  }

  boolean isEnded() {
    return ended;
  }

  /** Octets that were sent and not asked about since. */
  long takeSent() {
    long taken = sent;
    sent = 0;
    return taken;
  }

  /** Sends the next records, about as many octets; the last step says that it is the last. */
  void step(long octets) {
    var view = facts;
    long before = sent;
    while (view != null && sent - before < octets) {
      if (!view.next()) {
        end();
        return;
      }
      try {
        send(view);
      } catch (DiskFailure failure) {
        // What cannot be read stays where it is; the segment is kept.
        readable = false;
      }
    }
  }

  private void end() {
    close();
    commits.accept(new Request.Restated(from, readable));
  }

  /** Gives back what it holds; what is not sent will not be. */
  void close() {
    ended = true;
    facts = null;
    if (factsRead != null) {
      factsRead.release();
      factsRead = null;
    }
  }

  private void send(Facts view) throws DiskFailure {
    switch (view.kind) {
      case RecordHeader.TRANSACTION -> {
        sendSettlement(view);
        sendKey(view);
        sendBody(view);
      }
      case RecordHeader.CHUNK -> sendBody(view);
      default -> send(view, payload(view));
    }
  }

  private void sendBody(Facts view) throws DiskFailure {
    if (Arrays.binarySearch(bodies, view.position) >= 0) {
      send(view, payload(view));
    }
  }

  private ByteBuf payload(Facts view) throws DiskFailure {
    return records.payload(view.extent(from));
  }

  private void send(Facts view, ByteBuf payload) {
    var body = allocator.directBuffer(Math.max(1, view.body().readableBytes()));
    body.writeBytes(view.body());
    send(view, view.kind, view.flags, body, payload);
  }

  /** What a transaction settles is a state like any other, and is repeated as one. */
  private void sendSettlement(Facts view) {
    var settles = view.isRestated() ? null : FactCodec.settles(view.body());
    if (settles != null) {
      var entries = List.of(new OutcomeCodec.Entry(settles.recipient(), settles.outcome()));
      var payload = Unpooled.wrappedBuffer(settles.payload());
      var restate =
          new Request.Restate(
              from,
              view.lsn,
              RecordHeader.OUTCOME,
              0,
              settles.id(),
              0,
              view.position,
              FactCodec.ofOutcome(entries),
              payload);
      post(restate);
      if ((view.flags & RecordHeader.SETTLES_ELSEWHERE) != 0) {
        sendForeign(view, settles);
      }
    }
  }

  /** What it settles is on another volume: the outcome is carried on as a foreign one. */
  private void sendForeign(Facts view, Settlement settles) {
    var payload = ForeignOutcome.of(settles).encode(SegmentFacts.HEAP);
    post(
        new Request.Restate(
            from,
            view.lsn,
            RecordHeader.FOREIGN,
            0,
            settles.id(),
            0,
            view.position,
            payload.copy(),
            payload));
  }

  /** The dedupe key of a transaction outlives its record, and gets one of its own. */
  private void sendKey(Facts view) {
    var key = view.isRestated() ? null : FactCodec.key(view.body());
    if (key != null) {
      post(
          new Request.Restate(
              from,
              view.lsn,
              RecordHeader.DEDUPE,
              0,
              view.id(),
              0,
              view.position,
              FactCodec.ofKey(key),
              FactCodec.ofKey(key)));
    }
  }

  private void send(Facts view, int kind, int flags, ByteBuf fact, ByteBuf payload) {
    post(
        new Request.Restate(
            from, view.lsn, kind, flags, view.id(), view.number, view.position, fact, payload));
  }

  private void post(Request.Restate restate) {
    sent += bytes(restate);
    commits.accept(restate);
  }

  /** What a record counts for while it is on its way. */
  static long bytes(Request.Restate restate) {
    return RecordHeader.recordBytes(restate.payload().readableBytes());
  }
}
