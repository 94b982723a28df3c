package org.flywheelmta.disk;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.util.Queue;
import org.flywheelmta.base.SingleThreadSafe;
import org.jspecify.annotations.Nullable;

/**
 * An open file of the machine's file system whose octets go past the system's cache of pages. The
 * system wants whole blocks from memory that begins at a block, so everything is copied into a
 * stage first, and what a block held beside it is written once more: from the stage, where the last
 * write ended in that block, else from the file.
 *
 * <p>Whether a file system is capable of it is known for certain only by the first write. Where
 * that fails, and not for want of room, the file is opened once more, and all goes through the
 * cache.
 */
@SingleThreadSafe
final class DirectFile implements DiskFile {
  /** What file systems want at most; one that wants more is used through its cache. */
  static final int BLOCK_BYTES = 4096;

  /** Written by one call at most. */
  static final int STAGE_BYTES = 1024 * 1024;

  private static final int[] NONE = {};

  private final Path path;
  private final FileChannel channel;
  private final ChannelFile direct;
  private final Queue<ByteBuffer> stages;
  private final Reopening reopening;
  // In its place where the file system is not capable of it.
  private @Nullable DiskFile cached;
  private boolean isProven;
  private @Nullable ByteBuffer stage;
  // Where the octets of the stage stand in the file, and how many there are.
  private long stagedAt;
  private int staged;

  /** Opens the file through the cache. */
  @FunctionalInterface
  interface Reopening {
    DiskFile open() throws DiskFailure;
  }

  /**
   * @param channel opened for direct input and output
   * @param stages from which one is taken, and to which it is given back when this closes
   */
  DirectFile(Path path, FileChannel channel, Queue<ByteBuffer> stages, Reopening reopening) {
    this.path = path;
    this.channel = channel;
    this.direct = new ChannelFile(path, channel);
    this.stages = stages;
    this.reopening = reopening;
  }

  /** False once it is known that the file system is not capable of it. */
  boolean isPastCache() {
    return cached == null;
  }

  private ByteBuffer stage() {
    var own = stage;
    if (own == null) {
      own = stages.poll();
      if (own == null) {
        own =
            ByteBuffer.allocateDirect(STAGE_BYTES + BLOCK_BYTES)
                .alignedSlice(BLOCK_BYTES)
                .slice(0, STAGE_BYTES);
      }
      stage = own;
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
      isProven = true;
    } catch (IOException failure) {
      staged = 0;
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
    var to = stage();
    begin(to, position);
    for (int i = offset; i < offset + count; i++) {
      add(to, buffers[i]);
    }
    end(to);
  }

  /** Whether it can be written as it is. */
  private static boolean isWhole(ByteBuffer buffer, long position) {
    return buffer.isDirect()
        && position % BLOCK_BYTES == 0
        && buffer.remaining() % BLOCK_BYTES == 0
        && buffer.alignmentOffset(buffer.position(), BLOCK_BYTES) == 0;
  }

  /** The stage has what stands between the beginning of the block and the position. */
  private void begin(ByteBuffer to, long position) throws IOException {
    int head = (int) (position % BLOCK_BYTES);
    long at = position - head;
    to.clear();
    if (head > 0) {
      if (at >= stagedAt && position <= stagedAt + staged) {
        to.put(0, to, (int) (at - stagedAt), head);
      } else {
        readBlock(to, 0, at);
      }
    }
    to.position(head);
    stagedAt = at;
    staged = 0;
  }

  private void add(ByteBuffer to, ByteBuffer from) throws IOException {
    while (from.hasRemaining()) {
      if (!to.hasRemaining()) {
        flush(to);
        stagedAt += STAGE_BYTES;
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
    int tail = length % BLOCK_BYTES;
    if (tail == 0) {
      flush(to);
    } else {
      int lastBlock = length - tail;
      var kept = new byte[tail];
      to.get(lastBlock, kept);
      readBlock(to, lastBlock, stagedAt + lastBlock);
      to.put(lastBlock, kept);
      long size = Math.max(channel.size(), stagedAt + length);
      to.position(lastBlock + BLOCK_BYTES);
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
      int whole = (done + channel.write(from, at + done)) / BLOCK_BYTES * BLOCK_BYTES;
      // The second time it says why.
      if (whole == done && isRepeated) {
        throw new IOException("not one block was written");
      }
      isRepeated = whole == done;
      from.position(begin + whole);
    }
  }

  /** Puts a block of the file into the stage; zeros where the file has ended. */
  private void readBlock(ByteBuffer to, int index, long at) throws IOException {
    var block = to.slice(index, BLOCK_BYTES);
    readBlocks(block, at, BLOCK_BYTES);
    while (block.hasRemaining()) {
      block.put((byte) 0);
    }
  }

  /** Reads until so much was read or the file has ended. */
  private void readBlocks(ByteBuffer to, long at, int length) throws IOException {
    to.clear().limit(length);
    while (to.hasRemaining()) {
      int count = channel.read(to, at + to.position());
      boolean isWhole = to.position() % BLOCK_BYTES == 0;
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
    var from = stage();
    int read = 0;
    while (buffer.hasRemaining()) {
      long at = position + read;
      int head = (int) (at % BLOCK_BYTES);
      int wanted = Math.min(STAGE_BYTES, head + buffer.remaining());
      readBlocks(from, at - head, (wanted + BLOCK_BYTES - 1) / BLOCK_BYTES * BLOCK_BYTES);
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
    if (stage != null) {
      stages.add(stage);
      stage = null;
    }
  }
}
