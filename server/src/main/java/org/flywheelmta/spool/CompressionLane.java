package org.flywheelmta.spool;

import io.netty.buffer.ByteBuf;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.zip.CRC32C;
import org.flywheelmta.base.SingleThreadSafe;
import org.flywheelmta.base.TransactionId;
import org.flywheelmta.scheduler.Duty;
import org.jctools.queues.MpscUnboundedArrayQueue;

/**
 * The way of parts of contents to the commit thread where they are compressed. Compressing takes
 * parts of a millisecond for each, which the commit thread does not have. Commits and abandons of
 * transactions with parts travel here too, so that none overtakes another; all else goes past.
 *
 * <p>What waits here counts as waiting for the commit thread, and its parts are bounded by whoever
 * appends. What is compressed exists twice where others hold the content too, so no more than
 * {@link #MOST_AHEAD_BYTES} of it wait for the commit thread.
 *
 * <p>Any thread adds; the worker passes on, and after {@link #end} whoever adds.
 */
@SingleThreadSafe
final class CompressionLane implements Duty {
  /** Octets of compressed parts that may wait for the commit thread. */
  static final long MOST_AHEAD_BYTES = LogWriter.BATCH_BYTES;

  private static final int QUEUE_CHUNK = 1024;
  private static final int REQUESTS_PER_PASS = 16;

  private final MpscUnboundedArrayQueue<Request.Writing> requests =
      new MpscUnboundedArrayQueue<>(QUEUE_CHUNK);
  private final FrameCodec codec;
  private final Consumer<Request> commits;
  private final BooleanSupplier sealed;
  private final SpoolStatistics statistics;
  // Checksums of the parts that went by, of each transaction that was not committed or given up.
  private final Map<TransactionId, CRC32C> checksums = new HashMap<>();
  private final AtomicLong ahead = new AtomicLong();
  private volatile Runnable wake = () -> {};
  private volatile boolean ended;
  // How many threads have asked for what is left to be passed on; one at a time does.
  private final AtomicInteger passing = new AtomicInteger();

  /**
   * @param codec the lane's from here on
   * @param sealed whether the volume has failed, so that nothing is worth compressing
   */
  CompressionLane(
      FrameCodec codec,
      Consumer<Request> commits,
      BooleanSupplier sealed,
      SpoolStatistics statistics) {
    this.codec = codec;
    this.commits = commits;
    this.sealed = sealed;
    this.statistics = statistics;
  }

  /** Set once its worker is there; what was added before is found by the worker's first pass. */
  void setWake(Runnable wake) {
    this.wake = wake;
  }

  /** Puts a request last; from any thread. */
  void add(Request.Writing request) {
    requests.offer(request);
    // In this order: what the last pass did not see finds the lane ended, or else was there when
    // the thread that ended it passed on what was left.
    if (ended) {
      passLeft();
    } else {
      wake.run();
    }
  }

  /** The commit thread has a request no longer waiting; from any thread. */
  void taken(Request.Writing request) {
    if (request instanceof Request.Append append && append.plainBytes() > 0) {
      int bytes = append.frameBytes();
      long before = ahead.getAndAdd(-bytes);
      if (before >= MOST_AHEAD_BYTES && before - bytes < MOST_AHEAD_BYTES) {
        wake.run();
      }
    }
  }

  @Override
  public long run(long nowNanos) {
    for (int i = 0; i < REQUESTS_PER_PASS; i++) {
      if (ahead.get() >= MOST_AHEAD_BYTES) {
        return UNTIL_WOKEN;
      }
      var request = requests.relaxedPoll();
      if (request == null) {
        break;
      }
      pass(request, !sealed.getAsBoolean());
    }
    return requests.isEmpty() ? UNTIL_WOKEN : 0;
  }

  private void pass(Request.Writing request, boolean compressing) {
    switch (request) {
      case Request.Append append -> commits.accept(seen(append, compressing));
      case Request.Commit commit -> {
        checksums.remove(commit.id);
        commits.accept(commit);
      }
      case Request.Abandon abandon -> {
        checksums.remove(abandon.id());
        commits.accept(abandon);
      }
    }
  }

  private Request.Append seen(Request.Append append, boolean compressing) {
    var part = append.part();
    int bytes = part.readableBytes();
    var crc = checksums.computeIfAbsent(append.id(), _ -> new CRC32C());
    OpenChunks.update(crc, part);
    var compressed = compressing ? codec.compress(part) : null;
    int frameBytes = 0;
    ByteBuf passed = part;
    if (compressed != null) {
      part.release();
      passed = compressed;
      frameBytes = compressed.readableBytes();
      ahead.addAndGet(frameBytes);
    }
    statistics.passedLane(bytes, passed.readableBytes());
    var seen = new Request.Seen(bytes, frameBytes, (int) crc.getValue());
    return new Request.Append(append.id(), passed, seen, append.asker(), append.written());
  }

  /** Passes on what is left, as it came, for a stop does not wait for it; the worker has ended. */
  void end() {
    // A spool whose close the disk interrupted is closed once more.
    boolean first = !ended;
    ended = true;
    passLeft();
    if (first) {
      codec.close();
    }
  }

  /** On one thread at a time, since the queue has one taker. */
  private void passLeft() {
    if (passing.getAndIncrement() > 0) {
      return;
    }
    int asked = 1;
    do {
      for (var request = requests.poll(); request != null; request = requests.poll()) {
        pass(request, false);
      }
      asked = passing.addAndGet(-asked);
    } while (asked > 0);
  }
}
