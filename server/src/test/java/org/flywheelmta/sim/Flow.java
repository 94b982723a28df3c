package org.flywheelmta.sim;

import io.netty.buffer.ByteBuf;
import java.util.ArrayDeque;
import org.flywheelmta.base.NonThreadSafe;

/**
 * One direction of a connection: what was sent arrives in order, cut anew, after the link's
 * latency; it holds a window's worth that the receiver has not read.
 */
@NonThreadSafe
final class Flow {
  /** How a direction ends. */
  enum End {
    NONE,
    FINISHED,
    RESET
  }

  /** A place in what was sent, and when the receiver's process had read everything before it. */
  @NonThreadSafe
  static final class Mark {
    private final long position;
    private long readNanos = Actor.NEVER;

    private Mark(long position) {
      this.position = position;
    }

    /** {@link Actor#NEVER} until it was read. */
    long readNanos() {
      return readNanos;
    }
  }

  private static final int TINY_PIECE_ONE_IN = 8;
  private static final int TINY_PIECE_BYTES = 4;
  private static final int SHORT_WRITE_ONE_IN = 16;

  private final SimWire wire;
  private final Link link;
  private final SimChannel sender;
  private final SimChannel receiver;
  private final int number;
  private final ArrayDeque<byte[]> arrived = new ArrayDeque<>();
  private final ArrayDeque<Mark> marks = new ArrayDeque<>();
  private int headRead;
  private int available;
  // Accepted from the sender and not read by the receiver.
  private int held;
  private long lastArrival;
  private long sentBytes;
  private long readBytes;
  private boolean senderWaits;
  private boolean endSent;
  private End end = End.NONE;

  Flow(SimWire wire, Link link, SimChannel sender, SimChannel receiver) {
    this.wire = wire;
    this.link = link;
    this.sender = sender;
    this.receiver = receiver;
    this.number = sender.number();
  }

  int available() {
    return available;
  }

  /** How the direction has ended as far as the receiver knows. */
  End end() {
    return end;
  }

  /** True when a read would find bytes or the end. */
  boolean readable() {
    return available > 0 || end != End.NONE;
  }

  /**
   * Sends bytes from {@code source}, leaving its indices alone; returns how many were taken. Fewer
   * than offered: the sender hears {@link SimChannel#onWritable} later.
   */
  int send(ByteBuf source, int index, int length) {
    int room = Math.min(length, link.windowBytes() - held);
    if (room > 1 && wire.random().nextInt(SHORT_WRITE_ONE_IN) == 0) {
      room = 1 + wire.random().nextInt(room);
    }
    int sent = 0;
    while (sent < room && !endSent) {
      int piece = Math.min(room - sent, pieceBytes());
      if (link.resetChance() > 0 && wire.random().nextDouble() < link.resetChance()) {
        sender.resetByNetwork();
        break;
      }
      var bytes = new byte[piece];
      source.getBytes(index + sent, bytes);
      sent += piece;
      sentBytes += piece;
      held += piece;
      deliver("segment", piece, () -> arrive(bytes));
    }
    if (sent < length) {
      wire.world().faults().fire(Fault.SHORT_WRITE);
    }
    if (sent < length && !senderWaits) {
      senderWaits = true;
      if (held < link.windowBytes()) {
        deliver("writable", 0, this::reopen);
      }
    }
    return sent;
  }

  /** Tells, at any later time, when the receiver read everything that is sent by now. */
  Mark readMark() {
    var mark = new Mark(sentBytes);
    marks.add(mark);
    passMarks();
    return mark;
  }

  private void passMarks() {
    for (var mark = marks.peek(); mark != null && mark.position <= readBytes; mark = marks.peek()) {
      mark.readNanos = wire.world().clock().nanoTime();
      marks.remove();
    }
  }

  /** The end that sends. */
  SimChannel sender() {
    return sender;
  }

  private int pieceBytes() {
    boolean tiny = wire.random().nextInt(TINY_PIECE_ONE_IN) == 0;
    return 1 + wire.random().nextInt(tiny ? TINY_PIECE_BYTES : link.segmentBytes());
  }

  /** Runs {@code action} at the receiver's end, after everything sent before. */
  void deliver(String what, long detail, Runnable action) {
    long now = wire.world().clock().nanoTime();
    lastArrival = Math.max(lastArrival, now + wire.latency(link));
    wire.world().at(lastArrival, what, number, detail, action);
  }

  private void reopen() {
    if (senderWaits) {
      senderWaits = false;
      sender.onWritable();
    }
  }

  private void arrive(byte[] bytes) {
    if (!receiver.listens()) {
      refuseBytes();
      return;
    }
    if (end == End.NONE) {
      arrived.add(bytes);
      available += bytes.length;
      receiver.onReadable();
    }
  }

  /** Bytes for an end that is closed are answered with a reset, if anybody is there to answer. */
  private void refuseBytes() {
    if (receiver.machine().answers()) {
      wire.world()
          .at(
              wire.world().clock().nanoTime() + wire.latency(link),
              "reset",
              number,
              0,
              sender::onReset);
    }
  }

  /** The sender ends its direction: everything sent before arrives first. */
  void finish() {
    if (!endSent) {
      endSent = true;
      deliver("fin", 0, () -> arriveEnd(End.FINISHED));
    }
  }

  /** The sender gives the connection up; what is under way is lost or not, as the seed says. */
  void reset() {
    if (endSent) {
      return;
    }
    endSent = true;
    if (wire.random().nextBoolean()) {
      deliver("reset", 0, receiver::onReset);
    } else {
      long at = wire.world().clock().nanoTime() + wire.latency(link);
      wire.world().at(at, "reset", number, 0, receiver::onReset);
    }
  }

  /** What a reset means for the receiver: the end comes after what has arrived. */
  void arriveEnd(End kind) {
    if (end != End.RESET) {
      end = kind;
    }
    if (receiver.listens()) {
      receiver.onReadable();
    }
  }

  /** Reads at most {@code most} bytes that have arrived; the sender's window opens as it does. */
  int read(ByteBuf target, int most) {
    int left = Math.min(most, available);
    int read = 0;
    while (read < left) {
      var head = arrived.getFirst();
      int piece = Math.min(left - read, head.length - headRead);
      target.writeBytes(head, headRead, piece);
      headRead += piece;
      read += piece;
      if (headRead == head.length) {
        arrived.removeFirst();
        headRead = 0;
      }
    }
    available -= read;
    readBytes += read;
    passMarks();
    held -= read;
    if (read > 0 && senderWaits) {
      long at = wire.world().clock().nanoTime() + wire.latency(link);
      wire.world().at(at, "window", number, read, this::reopen);
    }
    return read;
  }
}
