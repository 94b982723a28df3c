package org.flywheelmta.disk;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.MappedByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.ReadableByteChannel;
import java.nio.channels.WritableByteChannel;
import java.util.ArrayDeque;
import java.util.Deque;
import org.jspecify.annotations.Nullable;

/**
 * A channel to a real file that takes whole blocks alone, and whose next calls do less than they
 * are asked for, or fail.
 */
final class WilfulChannel extends FileChannel {
  private final FileChannel real;
  private final Deque<Object> writes = new ArrayDeque<>();
  private final Deque<Integer> reads = new ArrayDeque<>();

  WilfulChannel(FileChannel real) {
    this.real = real;
  }

  /** The next write takes so many octets, at most. */
  WilfulChannel thenWrite(int octets) {
    writes.add(octets);
    return this;
  }

  /** The next write fails. */
  WilfulChannel thenFail(String reason) {
    writes.add(reason);
    return this;
  }

  /** The next read gives so many octets, at most. */
  WilfulChannel thenRead(int octets) {
    reads.add(octets);
    return this;
  }

  /** Whether all that was asked for has happened. */
  boolean isDone() {
    return writes.isEmpty() && reads.isEmpty();
  }

  @Override
  public int write(ByteBuffer from, long position) throws IOException {
    wholeBlocks(from, position);
    var next = writes.poll();
    if (next instanceof String reason) {
      throw new IOException(reason);
    }
    return next instanceof Integer most
        ? part(from, most, real, position)
        : real.write(from, position);
  }

  /** As the system does. */
  private static void wholeBlocks(ByteBuffer buffer, long position) throws IOException {
    if (position % Disk.BLOCK_BYTES != 0
        || buffer.remaining() % Disk.BLOCK_BYTES != 0
        || buffer.alignmentOffset(buffer.position(), Disk.BLOCK_BYTES) != 0) {
      throw new IOException("Invalid argument");
    }
  }

  private static int part(ByteBuffer from, int most, FileChannel to, long position)
      throws IOException {
    int limit = from.limit();
    from.limit(Math.min(limit, from.position() + most));
    try {
      return from.hasRemaining() ? to.write(from, position) : 0;
    } finally {
      from.limit(limit);
    }
  }

  @Override
  public int read(ByteBuffer to, long position) throws IOException {
    wholeBlocks(to, position);
    var most = reads.poll();
    if (most == null) {
      return real.read(to, position);
    }
    int limit = to.limit();
    to.limit(Math.min(limit, to.position() + most));
    try {
      return real.read(to, position);
    } finally {
      to.limit(limit);
    }
  }

  @Override
  public long size() throws IOException {
    return real.size();
  }

  @Override
  public FileChannel truncate(long size) throws IOException {
    return real.truncate(size);
  }

  @Override
  public void force(boolean metaData) throws IOException {
    real.force(metaData);
  }

  @Override
  protected void implCloseChannel() throws IOException {
    real.close();
  }

  @Override
  public int read(ByteBuffer to) {
    throw new UnsupportedOperationException();
  }

  @Override
  public long read(ByteBuffer[] to, int offset, int length) {
    throw new UnsupportedOperationException();
  }

  @Override
  public int write(ByteBuffer from) {
    throw new UnsupportedOperationException();
  }

  @Override
  public long write(ByteBuffer[] from, int offset, int length) {
    throw new UnsupportedOperationException();
  }

  @Override
  public long position() {
    throw new UnsupportedOperationException();
  }

  @Override
  public FileChannel position(long position) {
    throw new UnsupportedOperationException();
  }

  @Override
  public long transferTo(long position, long count, WritableByteChannel target) {
    throw new UnsupportedOperationException();
  }

  @Override
  public long transferFrom(ReadableByteChannel source, long position, long count) {
    throw new UnsupportedOperationException();
  }

  @Override
  public MappedByteBuffer map(MapMode mode, long position, long size) {
    throw new UnsupportedOperationException();
  }

  @Override
  public FileLock lock(long position, long size, boolean shared) {
    throw new UnsupportedOperationException();
  }

  @Override
  public @Nullable FileLock tryLock(long position, long size, boolean shared) {
    throw new UnsupportedOperationException();
  }
}
