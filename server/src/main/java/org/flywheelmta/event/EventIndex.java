package org.flywheelmta.event;

import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.zip.CRC32C;
import org.flywheelmta.base.SingleThreadSafe;
import org.flywheelmta.disk.Disk;
import org.flywheelmta.disk.DiskFailure;
import org.flywheelmta.disk.DiskFile;
import org.jspecify.annotations.Nullable;

/**
 * The index of one event file: frames ({@link IndexFrame}) while it grows, blocks once it was
 * sorted. It answers for the octets of lines that it covers and whose entries are whole; for the
 * others it says that it does not.
 *
 * <p>A sorted index has a header of 32 octets: magic (8), CRC32C of what follows it (4), how many
 * blocks (4), how many octets of lines it covers (8), how many entries (8). A block is: CRC32C of
 * its number (4 octets) and what follows (4), how many entries (4), the entries, ascending: the
 * hash (4) and the place of the line in its file (4). All but the last have {@link #BLOCK_ENTRIES}.
 */
@SingleThreadSafe
final class EventIndex implements AutoCloseable {
  static final long SORTED = 0x4657_4556_5352_5431L;
  static final int HEADER_BYTES = 32;
  static final int BLOCK_BYTES = 4096;
  static final int BLOCK_HEAD_BYTES = 8;
  static final int BLOCK_ENTRIES = (BLOCK_BYTES - BLOCK_HEAD_BYTES) / IndexFrame.ENTRY_BYTES;

  private final DiskFile file;
  private final ByteBuffer block = ByteBuffer.allocate(BLOCK_BYTES);
  private final boolean sorted;
  private final int blocks;
  private final long coveredBySorted;

  private EventIndex(DiskFile file, boolean sorted, int blocks, long covered) {
    this.file = file;
    this.sorted = sorted;
    this.blocks = blocks;
    this.coveredBySorted = covered;
  }

  /** Takes entries; the hash stands in the upper half, the place of the line in the lower. */
  @FunctionalInterface
  interface Entries {
    void onEntry(long entry);
  }

  static long entry(int hash, long at) {
    return ((long) hash << 32) | (at & 0xffff_ffffL);
  }

  static int hash(long entry) {
    return (int) (entry >>> 32);
  }

  static long place(long entry) {
    return entry & 0xffff_ffffL;
  }

  /** Opens an index for reading; null where there is none. */
  static @Nullable EventIndex open(Disk disk, Path path) throws DiskFailure {
    if (!disk.exists(path)) {
      return null;
    }
    var file = disk.openRead(path);
    boolean opened = false;
    try {
      var header = ByteBuffer.allocate(HEADER_BYTES);
      file.read(header, 0);
      boolean sorted = header.position() == HEADER_BYTES && header.getLong(0) == SORTED;
      boolean whole = sorted && header.getInt(8) == headerCrc(header);
      int blocks = whole ? header.getInt(12) : 0;
      long covered = whole ? header.getLong(16) : -1;
      opened = true;
      return new EventIndex(file, sorted, blocks, covered);
    } finally {
      if (!opened) {
        file.close();
      }
    }
  }

  static int headerCrc(ByteBuffer header) {
    var crc = new CRC32C();
    crc.update(header.slice(12, HEADER_BYTES - 12));
    return (int) crc.getValue();
  }

  /** The checksum of a block, which ends at {@code end}. */
  static int blockCrc(ByteBuffer block, int number, int end) {
    var crc = new CRC32C();
    crc.update(number);
    crc.update(number >>> 8);
    crc.update(number >>> 16);
    crc.update(number >>> 24);
    crc.update(block.slice(4, end - 4));
    return (int) crc.getValue();
  }

  /** How long it is in octets. */
  long bytes() throws DiskFailure {
    return file.size();
  }

  /**
   * Octets that a sorted index covers, by its header; -1 for one that is not sorted, or damaged.
   */
  long sortedCovers() {
    return coveredBySorted;
  }

  /**
   * Calls {@code entries} for each entry of a hash.
   *
   * @return how many octets of the lines, from the first on, it has answered for. It may have
   *     called for entries beyond them
   */
  long find(int hash, Entries entries) throws DiskFailure {
    if (!sorted) {
      return frames(
          entry -> {
            if (hash(entry) == hash) {
              entries.onEntry(entry);
            }
          });
    }
    long least = entry(hash, 0);
    int low = 0;
    int high = blocks;
    while (low < high) {
      int middle = (low + high) >>> 1;
      if (!read(middle)) {
        return 0;
      }
      if (last() < least) {
        low = middle + 1;
      } else {
        high = middle;
      }
    }
    return collect(low, hash, entries) ? Math.max(0, coveredBySorted) : 0;
  }

  private boolean collect(int from, int hash, Entries entries) throws DiskFailure {
    for (int number = from; number < blocks; number++) {
      if (!read(number)) {
        return false;
      }
      for (int i = 0; i < count(); i++) {
        long entry = block.getLong(BLOCK_HEAD_BYTES + i * IndexFrame.ENTRY_BYTES);
        if (hash(entry) > hash) {
          return true;
        }
        if (hash(entry) == hash) {
          entries.onEntry(entry);
        }
      }
    }
    return true;
  }

  private int count() {
    return block.getInt(4);
  }

  private long last() {
    return block.getLong(BLOCK_HEAD_BYTES + (count() - 1) * IndexFrame.ENTRY_BYTES);
  }

  /** Reads a block; false when it is not what was written. */
  private boolean read(int number) throws DiskFailure {
    block.clear();
    int read = file.read(block, HEADER_BYTES + (long) number * BLOCK_BYTES);
    if (read < BLOCK_HEAD_BYTES) {
      return false;
    }
    int count = count();
    int end = BLOCK_HEAD_BYTES + count * IndexFrame.ENTRY_BYTES;
    return count >= 1
        && count <= BLOCK_ENTRIES
        && end <= read
        && block.getInt(0) == blockCrc(block, number, end);
  }

  /**
   * Calls for each entry of the frames that cover the lines without a gap, from the first on.
   *
   * @return how many octets they cover
   */
  long frames(Entries entries) throws DiskFailure {
    long covered = 0;
    long position = 0;
    long size = file.size();
    var header = ByteBuffer.allocate(IndexFrame.HEADER_BYTES);
    var crc = new CRC32C();
    while (true) {
      header.clear();
      if (file.read(header, position) < IndexFrame.HEADER_BYTES) {
        return covered;
      }
      int count = header.getInt(IndexFrame.CHECKED_FROM);
      if (header.getLong(0) != IndexFrame.MAGIC
          || header.getLong(16) != covered
          || header.getLong(24) <= 0
          || count < 0
          || count > (size - position - IndexFrame.HEADER_BYTES) / IndexFrame.ENTRY_BYTES) {
        return covered;
      }
      var body = ByteBuffer.allocate(count * IndexFrame.ENTRY_BYTES);
      if (file.read(body, position + IndexFrame.HEADER_BYTES) < body.capacity()) {
        return covered;
      }
      crc.reset();
      crc.update(header.array(), IndexFrame.CHECKED_FROM, 20);
      crc.update(body.array());
      if ((int) crc.getValue() != header.getInt(8)) {
        return covered;
      }
      for (int i = 0; i < count; i++) {
        int at = i * IndexFrame.ENTRY_BYTES;
        entries.onEntry(
            entry(body.getInt(at), covered + Integer.toUnsignedLong(body.getInt(at + 4))));
      }
      covered += header.getLong(24);
      position += IndexFrame.HEADER_BYTES + body.capacity();
    }
  }

  @Override
  public void close() {
    file.close();
  }
}
