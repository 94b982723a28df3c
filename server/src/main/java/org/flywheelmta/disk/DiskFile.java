package org.flywheelmta.disk;

import java.nio.ByteBuffer;
import org.flywheelmta.base.SingleThreadSafe;

/** An open file. Positions and lengths are in bytes. */
@SingleThreadSafe
public interface DiskFile extends AutoCloseable {
  /**
   * Writes all that remains in {@code count} buffers from {@code offset} on, gathered, in order, at
   * {@code position}. Returns once everything was written; nothing is durable before {@link
   * #force}. After a failure any part of it may have been written.
   */
  void write(ByteBuffer[] buffers, int offset, int count, long position) throws DiskFailure;

  /** Writes all that remains in {@code buffer} at {@code position}. */
  void write(ByteBuffer buffer, long position) throws DiskFailure;

  /**
   * Reads until {@code buffer} is full or the file ends.
   *
   * @return how many bytes were read; fewer than remained only at the end of the file
   */
  int read(ByteBuffer buffer, long position) throws DiskFailure;

  /**
   * Makes everything written before durable, with the file's length. A failure is final: what was
   * written before may be lost although a later force succeeds, so callers never try again.
   */
  void force() throws DiskFailure;

  long size() throws DiskFailure;

  @Override
  void close();
}
