package org.flywheelmta.disk;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.util.Queue;
import org.flywheelmta.base.SingleThreadSafe;
import org.jspecify.annotations.Nullable;

/**
 * An open file of the machine's file system that is written past the page cache. Direct I/O wants
 * whole blocks from memory that begins at a block, so everything is copied into a staging buffer
 * first, and what a block held beside it is written once more: from that buffer, where the last
 * write ended in that block, else from the file.
 *
 * <p>Whether a file system supports it is known for certain only by writes. Where one fails before
 * that, and not for want of room, the file is opened once more, and all goes through the page
 * cache.
 */
@SingleThreadSafe
final class DirectFile implements DiskFile {
  /** Written by one call at most. */
  static final int STAGING_BYTES = 1024 * 1024;

  private static final int[] NONE = {};

  private final Path path;
  private final FileChannel channel;
  private final ChannelFile direct;
  private final Queue<ByteBuffer> spares;
  private final Reopening reopening;
  // In its place where the file system does not support direct I/O.
  private @Nullable DiskFile cached;
  private boolean isProven;
  private @Nullable ByteBuffer staging;
  // Where the octets of the staging buffer stand in the file, and how many there are.
  private long stagedAt;
  private int staged;

  /** Opens the file through the cache. */
  @FunctionalInterface
  interface Reopening {
    DiskFile open() throws DiskFailure;
  }

  /**
   * @param channel opened for direct I/O
   * @param spares from which one is taken, and to which it is given back when this closes
   */
  DirectFile(Path path, FileChannel channel, Queue<ByteBuffer> spares, Reopening reopening) {
    this.path = path;
    this.channel = channel;
    this.direct = new ChannelFile(path, channel);
    this.spares = spares;
    this.reopening = reopening;
  }

  /** False once it is known that the file system does not support it. */
  boolean isPastCache() {
    return cached == null;
  }

  private ByteBuffer staging() {
    var own = staging;
    if (own == null) {
      own = spares.poll();
      if (own == null) {
        own = Disk.blocks(STAGING_BYTES);
      }
      staging = own;
    }
    return own;
  }

  @Override
  public void write(ByteBuffer[] buffers, int offset, int count, long position) throws DiskFailure {
    if (cached != null) {
      cached.write(buffers, offset, count, position);
      return;
    }
    var positions = isProven ? NONE : new int[count];
    for (int i = 0; i < positions.length; i++) {
      positions[i] = buffers[offset + i].position();
    }
    try {
      writeDirectly(buffers, offset, count, position);
    } catch (IOException failure) {
      var known = Failures.of(path, failure);
      if (isProven || known.kind() == DiskFailure.Kind.FULL) {
        throw known;
      }
      cached = reopening.open();
      for (int i = 0; i < count; i++) {
        buffers[offset + i].position(positions[i]);
      }
      cached.write(buffers, offset, count, position);
    }
  }

  @Override
  public void write(ByteBuffer buffer, long position) throws DiskFailure {
    write(new ByteBuffer[] {buffer}, 0, 1, position);
  }

  private void writeDirectly(ByteBuffer[] buffers, int offset, int count, long position)
      throws IOException {
    if (count == 1 && isWhole(buffers[offset], position)) {
      staged = 0;
      writeBlocks(buffers[offset], position);
      return;
    }
    long length = 0;
    for (int i = offset; i < offset + count; i++) {
      length += buffers[i].remaining();
    }
    if (length == 0) {
      return;
    }
    var to = staging();
    begin(to, position);
    for (int i = offset; i < offset + count; i++) {
      add(to, buffers[i]);
    }
    end(to);
  }

  /** Whether it can be written as it is. */
  private static boolean isWhole(ByteBuffer buffer, long position) {
    return buffer.isDirect()
        && position % Disk.BLOCK_BYTES == 0
        && buffer.remaining() % Disk.BLOCK_BYTES == 0
        && buffer.alignmentOffset(buffer.position(), Disk.BLOCK_BYTES) == 0;
  }

  /** The staging buffer has what stands between the beginning of the block and the position. */
  private void begin(ByteBuffer to, long position) throws IOException {
    int head = (int) (position % Disk.BLOCK_BYTES);
    long at = position - head;
    to.clear();
    boolean isStaged = at >= stagedAt && position <= stagedAt + staged;
    // What follows overwrites it, even where it fails.
    staged = 0;
    if (head > 0) {
      if (isStaged) {
        to.put(0, to, (int) (at - stagedAt), head);
      } else {
        readBlock(to, 0, at);
      }
    }
    to.position(head);
    stagedAt = at;
  }

  private void add(ByteBuffer to, ByteBuffer from) throws IOException {
    while (from.hasRemaining()) {
      if (!to.hasRemaining()) {
        flush(to);
        stagedAt += STAGING_BYTES;
        to.clear();
      }
      int limit = from.limit();
      from.limit(Math.min(limit, from.position() + to.remaining()));
      to.put(from);
      from.limit(limit);
    }
  }

  /** Writes the rest, and after it what its last block held. */
  private void end(ByteBuffer to) throws IOException {
    int length = to.position();
    int tail = length % Disk.BLOCK_BYTES;
    if (tail == 0) {
      flush(to);
    } else {
      int lastBlock = length - tail;
      var kept = new byte[tail];
      to.get(lastBlock, kept);
      readBlock(to, lastBlock, stagedAt + lastBlock);
      to.put(lastBlock, kept);
      long size = Math.max(channel.size(), stagedAt + length);
      to.position(lastBlock + Disk.BLOCK_BYTES);
      flush(to);
      if (channel.size() > size) {
        channel.truncate(size);
      }
    }
    staged = length;
  }

  private void flush(ByteBuffer to) throws IOException {
    writeBlocks(to.flip(), stagedAt);
  }

  /** Goes on at a block, wherever a call has ended. */
  private void writeBlocks(ByteBuffer from, long at) throws IOException {
    int begin = from.position();
    boolean isRepeated = false;
    while (from.hasRemaining()) {
      int done = from.position() - begin;
      int whole = (done + channel.write(from, at + done)) / Disk.BLOCK_BYTES * Disk.BLOCK_BYTES;
      // The second time it says why.
      if (whole == done && isRepeated) {
        throw new IOException("not one block was written");
      }
      isRepeated = whole == done;
      from.position(begin + whole);
    }
    // An odd number of blocks, or one at an odd place: so it does not want larger ones.
    isProven |= ((at | (from.position() - begin)) & Disk.BLOCK_BYTES) != 0;
  }

  /** Puts a block of the file into the staging buffer; zeros where the file has ended. */
  private void readBlock(ByteBuffer to, int index, long at) throws IOException {
    var block = to.slice(index, Disk.BLOCK_BYTES);
    readBlocks(block, at, Disk.BLOCK_BYTES);
    while (block.hasRemaining()) {
      block.put((byte) 0);
    }
  }

  /** Reads until so much was read or the file has ended. */
  private void readBlocks(ByteBuffer to, long at, int length) throws IOException {
    to.clear().limit(length);
    while (to.hasRemaining()) {
      int count = channel.read(to, at + to.position());
      boolean isWhole = to.position() % Disk.BLOCK_BYTES == 0;
      if (count <= 0 || !isWhole) {
        if (at + to.position() < channel.size()) {
          throw new IOException("only " + to.position() + " octets were read of " + length);
        }
        return;
      }
    }
  }

  @Override
  public int read(ByteBuffer buffer, long position) throws DiskFailure {
    if (cached != null) {
      return cached.read(buffer, position);
    }
    int from = buffer.position();
    try {
      return readDirectly(buffer, position);
    } catch (IOException failure) {
      if (isProven) {
        throw Failures.of(path, failure);
      }
      cached = reopening.open();
      return cached.read(buffer.position(from), position);
    }
  }

  private int readDirectly(ByteBuffer buffer, long position) throws IOException {
    staged = 0;
    var from = staging();
    int read = 0;
    while (buffer.hasRemaining()) {
      long at = position + read;
      int head = (int) (at % Disk.BLOCK_BYTES);
      int wanted = Math.min(STAGING_BYTES, head + buffer.remaining());
      readBlocks(
          from, at - head, (wanted + Disk.BLOCK_BYTES - 1) / Disk.BLOCK_BYTES * Disk.BLOCK_BYTES);
      int end = Math.min(from.position(), wanted);
      if (end <= head) {
        break;
      }
      buffer.put(from.limit(end).position(head));
      read += end - head;
    }
    return read;
  }

  @Override
  public void force() throws DiskFailure {
    // Of the file, whichever of both wrote it.
    direct.force();
  }

  @Override
  public long size() throws DiskFailure {
    return direct.size();
  }

  @Override
  public void close() {
    direct.close();
    if (cached != null) {
      cached.close();
    }
    if (staging != null) {
      spares.add(staging);
      staging = null;
    }
  }
}
