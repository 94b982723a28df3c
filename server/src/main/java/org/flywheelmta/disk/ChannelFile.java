package org.flywheelmta.disk;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import org.flywheelmta.base.SingleThreadSafe;

/** An open file of the machine's file system. */
@SingleThreadSafe
final class ChannelFile implements DiskFile {
  private final Path path;
  private final FileChannel channel;

  ChannelFile(Path path, FileChannel channel) {
    this.path = path;
    this.channel = channel;
  }

  @Override
  public void write(ByteBuffer[] buffers, int offset, int count, long position) throws DiskFailure {
    long remaining = 0;
    for (int i = offset; i < offset + count; i++) {
      remaining += buffers[i].remaining();
    }
    try {
      channel.position(position);
      // One call writes at most as many buffers as the system takes at once (1,024 on Linux), and
      // may write less than it was given.
      int first = offset;
      while (remaining > 0) {
        while (!buffers[first].hasRemaining()) {
          first++;
        }
        remaining -= channel.write(buffers, first, offset + count - first);
      }
    } catch (IOException failure) {
      throw Failures.of(path, failure);
    }
  }

  @Override
  public void write(ByteBuffer buffer, long position) throws DiskFailure {
    try {
      long at = position;
      while (buffer.hasRemaining()) {
        at += channel.write(buffer, at);
      }
    } catch (IOException failure) {
      throw Failures.of(path, failure);
    }
  }

  @Override
  public int read(ByteBuffer buffer, long position) throws DiskFailure {
    try {
      int read = 0;
      while (buffer.hasRemaining()) {
        int count = channel.read(buffer, position + read);
        if (count < 0) {
          break;
        }
        read += count;
      }
      return read;
    } catch (IOException failure) {
      throw Failures.of(path, failure);
    }
  }

  @Override
  public void force() throws DiskFailure {
    try {
      // Without metadata means fdatasync, which still writes what is needed to read the data back,
      // such as a changed length.
      channel.force(false);
    } catch (IOException failure) {
      throw Failures.of(path, failure);
    }
  }

  @Override
  public long size() throws DiskFailure {
    try {
      return channel.size();
    } catch (IOException failure) {
      throw Failures.of(path, failure);
    }
  }

  @Override
  public void close() {
    try {
      channel.close();
    } catch (IOException ignored) {
      // Everything that matters was forced before; what a close has to say comes too late.
    }
  }
}
