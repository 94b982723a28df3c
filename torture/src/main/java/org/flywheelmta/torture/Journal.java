package org.flywheelmta.torture;

import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.HexFormat;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.zip.CRC32C;

/**
 * An append-only text file. A line is its words, a space, and eight hexadecimal digits of CRC32C
 * over the words, so that a torn line is never taken for a whole one.
 *
 * <p>Any thread may append. Threads that force at the same time share one write and one force: the
 * first of them does both for all that has gathered. After a failed write or force every call
 * fails, because a second force may succeed over lost data.
 */
final class Journal implements Closeable {
  private static final HexFormat HEX = HexFormat.of();

  /** More than this is not gathered before somebody writes it. */
  private static final int GATHERED_MAX_CHARS = 1 << 22;

  private final FileChannel channel;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition settled = lock.newCondition();
  private StringBuilder gathered = new StringBuilder();
  private long appended;
  private long written;
  private long forced;
  private boolean busy;
  private boolean failed;

  private Journal(FileChannel channel) {
    this.channel = channel;
  }

  /** Opens or creates {@code file} to append; a torn last line is cut off first. */
  static Journal open(Path file) throws IOException {
    long whole = 0;
    if (file.toFile().exists()) {
      var tail = new JournalTail(file);
      tail.read(line -> {});
      whole = tail.offset();
    }
    var channel = FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
    channel.truncate(whole);
    channel.position(whole);
    channel.force(true);
    return new Journal(channel);
  }

  /** The line as it stands in the file, without the line feed. */
  static String seal(String words) {
    return words + ' ' + HEX.toHexDigits((int) checksum(words));
  }

  private static long checksum(String words) {
    var crc = new CRC32C();
    crc.update(words.getBytes(StandardCharsets.UTF_8));
    return crc.getValue();
  }

  /** Appends a line that is written with the next write or force, or at the close. */
  void add(String words) throws IOException {
    String line = seal(words);
    lock.lock();
    try {
      gathered.append(line).append('\n');
      appended++;
      if (failed || gathered.length() > GATHERED_MAX_CHARS) {
        await(appended, false);
      }
    } finally {
      lock.unlock();
    }
  }

  /** Appends a line; on return it outlives this process. */
  void write(String words) throws IOException {
    append(words, false);
  }

  /** On return every line appended before outlives this process. */
  void write() throws IOException {
    lock.lock();
    try {
      await(appended, false);
    } finally {
      lock.unlock();
    }
  }

  /** Appends a line; on return it outlives the machine. */
  void force(String words) throws IOException {
    append(words, true);
  }

  /** On return every line appended before outlives the machine. */
  void force() throws IOException {
    lock.lock();
    try {
      await(appended, true);
    } finally {
      lock.unlock();
    }
  }

  private void append(String words, boolean force) throws IOException {
    String line = seal(words);
    lock.lock();
    try {
      gathered.append(line).append('\n');
      await(++appended, force);
    } finally {
      lock.unlock();
    }
  }

  /** Waits until {@code mine} lines are settled; whoever finds nobody at it settles. */
  private void await(long mine, boolean force) throws IOException {
    while (!failed && (force ? forced : written) < mine) {
      if (busy) {
        settled.awaitUninterruptibly();
      } else {
        settle(force);
      }
    }
    if (failed) {
      throw new IOException("the journal failed earlier and takes no more lines");
    }
  }

  /** Writes what has gathered, with the lock released meanwhile. */
  private void settle(boolean force) throws IOException {
    busy = true;
    boolean done = false;
    long upTo = appended;
    var bytes = ByteBuffer.wrap(gathered.toString().getBytes(StandardCharsets.UTF_8));
    gathered = new StringBuilder();
    lock.unlock();
    try {
      while (bytes.hasRemaining()) {
        channel.write(bytes);
      }
      if (force) {
        channel.force(false);
      }
      done = true;
    } finally {
      lock.lock();
      busy = false;
      if (done) {
        written = upTo;
        forced = force ? upTo : forced;
      } else {
        failed = true;
      }
      settled.signalAll();
    }
  }

  @Override
  public void close() throws IOException {
    lock.lock();
    try {
      if (!failed && channel.isOpen()) {
        await(appended, false);
      }
    } finally {
      lock.unlock();
    }
    channel.close();
  }
}
