package org.flywheelmta.bench;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.Random;
import org.flywheelmta.torture.Arrivals;
import org.flywheelmta.torture.Latencies;
import org.flywheelmta.torture.MicroClock;

/**
 * What the disk takes for a mail alone: one write of its size at the next place of a file that was
 * filled before, and one force. For one thread.
 */
final class RawForce implements AutoCloseable {
  static final int FILE_OCTETS = 64 << 20;
  private static final int FILL_OCTETS = 1 << 20;
  private static final int WARM_UP = 50;
  private static final long MICRO_NANOS = 1_000;

  private final FileChannel channel;
  private final ByteBuffer content;
  private long position;

  private RawForce(FileChannel channel, ByteBuffer content) {
    this.channel = channel;
    this.content = content;
  }

  /**
   * Makes a file of zeros, all of it on the disk.
   *
   * @param size octets of each write, {@value #FILE_OCTETS} at most
   */
  static RawForce open(Path file, int size) throws IOException {
    var channel = FileChannel.open(file, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
    var zeros = ByteBuffer.allocateDirect(FILL_OCTETS);
    for (long at = 0; at < FILE_OCTETS; ) {
      at += channel.write(zeros.clear(), at);
    }
    channel.force(true);
    var octets = new byte[size];
    new Random(size).nextBytes(octets);
    var force = new RawForce(channel, ByteBuffer.allocateDirect(size).put(octets));
    for (int i = 0; i < WARM_UP; i++) {
      force.one();
    }
    return force;
  }

  /**
   * Writes and forces by the clock, as mails arrive in a stage, or at once where the last one was
   * not over by then; each counts from when it began.
   */
  void run(double perSecond, Duration time, long seed, Latencies into)
      throws IOException, InterruptedException {
    var arrivals = new Arrivals(perSecond, seed);
    long begin = MicroClock.micros();
    long end = begin + time.toNanos() / MICRO_NANOS;
    while (true) {
      long due = begin + arrivals.nextMicros();
      long start = MicroClock.micros();
      if (Math.max(due, start) >= end) {
        return;
      }
      if (due > start) {
        Pause.of(Duration.ofNanos((due - start) * MICRO_NANOS));
        start = MicroClock.micros();
      }
      one();
      into.add(MicroClock.micros() - start);
      arrivals.step();
    }
  }

  private void one() throws IOException {
    if (position + content.capacity() > FILE_OCTETS) {
      position = 0;
    }
    content.clear();
    long at = position;
    while (content.hasRemaining()) {
      at += channel.write(content, at);
    }
    channel.force(false);
    position = at;
  }

  @Override
  public void close() throws IOException {
    channel.close();
  }
}
