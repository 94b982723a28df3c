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
 */
@SingleThreadSafe
final class DirectFile implements DiskFile {
  /** What file systems want at most; one that wants more is used through its cache. */
  static final int BLOCK_BYTES = 4096;

  /** Written by one call at most. */
  static final int STAGE_BYTES = 1024 * 1024;

  private final Path path;
  private final FileChannel channel;
  private final ChannelFile plain;
  private final Queue<ByteBuffer> stages;
  private @Nullable ByteBuffer stage;
  // Where the octets of the stage stand in the file, and how many there are.
  private long stagedAt;
  private int staged;

  /**
   * @param stages from which one is taken, or to which one is added, when this closes
   */
  DirectFile(Path path, FileChannel channel, Queue<ByteBuffer> stages) {
    this.path = path;
    this.channel = channel;
    this.plain = new ChannelFile(path, channel);
    this.stages = stages;
  }

  /**
   * Reads the first block, which fails where the file system is not capable of it.
   *
   * @throws IOException of the file system, or because it wants larger blocks
   */
  void probe() throws IOException {
    readBlocks(stage(), 0, BLOCK_BYTES);
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
      own.clear();
      stage = own;
    }
    return own;
  }

  @Override
  public void write(ByteBuffer[] buffers, int offset, int count, long position) throws DiskFailure {
    long length = 0;
    for (int i = offset; i < offset + count; i++) {
      length += buffers[i].remaining();
    }
    if (length == 0) {
      return;
    }
    var to = stage();
    boolean isWritten = false;
    try {
      begin(to, position);
      for (int i = offset; i < offset + count; i++) {
        add(to, buffers[i]);
      }
      end(to);
      isWritten = true;
    } catch (IOException failure) {
      throw Failures.of(path, failure);
    } finally {
      if (!isWritten) {
        staged = 0;
      }
    }
  }

  @Override
  public void write(ByteBuffer buffer, long position) throws DiskFailure {
    if (isWhole(buffer, position)) {
      staged = 0;
      plain.write(buffer, position);
    } else {
      write(new ByteBuffer[] {buffer}, 0, 1, position);
    }
  }

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
    to.flip();
    long at = stagedAt;
    while (to.hasRemaining()) {
      at += channel.write(to, at);
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
      // What ends in the middle of a block ends the file.
      int count = to.position() % BLOCK_BYTES == 0 ? channel.read(to, at + to.position()) : -1;
      if (count < 0) {
        return;
      }
    }
  }

  @Override
  public int read(ByteBuffer buffer, long position) throws DiskFailure {
    staged = 0;
    var from = stage();
    int read = 0;
    try {
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
    } catch (IOException failure) {
      throw Failures.of(path, failure);
    }
  }

  @Override
  public void force() throws DiskFailure {
    plain.force();
  }

  @Override
  public long size() throws DiskFailure {
    return plain.size();
  }

  @Override
  public void close() {
    plain.close();
    if (stage != null) {
      stages.add(stage);
      stage = null;
    }
  }
}
