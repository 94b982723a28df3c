package org.flywheelmta.bench.bare;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;

/**
 * A file of blocks that exist already, zero-filled and forced, so that to force a batch is to force
 * its octets alone. A batch begins with a block, is written by gathered writes and forced once; at
 * the end of the file it goes on at the beginning.
 */
final class Blocks implements CommitDoor {
  private static final int BLOCK = 4_096;
  private static final int ZEROES = 1 << 20;
  private static final int HEAD = 2 * Integer.BYTES;

  private final FileChannel file;
  private final long size;
  private final List<ByteBuffer> gathered = new ArrayList<>();
  private final ByteBuffer heads = ByteBuffer.allocateDirect(Limits.SESSIONS * HEAD);
  private long position;

  private Blocks(FileChannel file, long size) {
    this.file = file;
    this.size = size;
  }

  static Blocks create(Path path, long size) throws IOException {
    var file =
        FileChannel.open(
            path,
            StandardOpenOption.CREATE,
            StandardOpenOption.TRUNCATE_EXISTING,
            StandardOpenOption.WRITE);
    var zeroes = ByteBuffer.allocateDirect(ZEROES);
    for (long at = 0; at < size; at += ZEROES) {
      writeFully(file, zeroes.clear());
    }
    file.force(true);
    return new Blocks(file, size);
  }

  @Override
  public void commit(List<Letter> letters) throws IOException {
    int next = 0;
    while (next < letters.size()) {
      next = gather(letters, next);
      write();
    }
  }

  /** One force for all that fits into a batch: the number of the first letter that is left. */
  private int gather(List<Letter> letters, int from) throws IOException {
    heads.clear();
    gathered.clear();
    long length = 0;
    int next = from;
    while (next < letters.size() && (next == from || length < size / 4)) {
      var letter = letters.get(next++);
      int begin = heads.position();
      heads.putInt(letter.envelope().readableBytes()).putInt(letter.length());
      gathered.add(heads.slice(begin, HEAD));
      gathered.add(letter.envelope().nioBuffer());
      for (var part : letter.parts()) {
        gathered.add(part.nioBuffer());
      }
      length += HEAD + letter.envelope().readableBytes() + letter.length();
    }
    if (length > size) {
      throw new IOException("a batch of " + length + " octets is larger than the file");
    }
    if (position + length > size) {
      position = 0;
    }
    file.position(position);
    position += (length + BLOCK - 1) / BLOCK * BLOCK;
    return next;
  }

  private void write() throws IOException {
    var buffers = gathered.toArray(ByteBuffer[]::new);
    int first = 0;
    while (first < buffers.length) {
      if (buffers[first].hasRemaining()) {
        file.write(buffers, first, buffers.length - first);
      } else {
        first++;
      }
    }
    file.force(false);
  }

  private static void writeFully(FileChannel file, ByteBuffer octets) throws IOException {
    while (octets.hasRemaining()) {
      file.write(octets);
    }
  }

  @Override
  public void close() throws IOException {
    file.close();
  }
}
