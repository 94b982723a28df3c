package org.flywheelmta.event;

import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.Arrays;
import org.flywheelmta.base.SingleThreadSafe;
import org.flywheelmta.disk.Disk;
import org.flywheelmta.disk.DiskFailure;
import org.flywheelmta.disk.DiskFile;

/**
 * Makes the sorted index of an event file that is finished: from the frames that its writer has
 * left, and from the lines that those do not cover. Some 8 octets of heap for each entry.
 */
@SingleThreadSafe
final class IndexSort {
  private static final int WRITE_BLOCKS = 64;
  private static final int FIRST_ENTRIES = 1 << 12;
  private static final long[] NONE = new long[0];

  private final Disk disk;
  private final Path folder;
  private long[] entries = NONE;
  private int count;

  IndexSort(Disk disk, Path folder) {
    this.disk = disk;
    this.folder = folder;
  }

  /** True when the file has a sorted index that covers all its lines. */
  static boolean isSorted(Disk disk, Path folder, EventFileName name) throws DiskFailure {
    try (var index = EventIndex.open(disk, name.index(folder));
        var lines = disk.openRead(name.lines(folder))) {
      long size = lines.size();
      return index != null
          && index.sortedCovers() >= 0
          && index.sortedCovers() <= size
          && new LineReader(lines).forEach(index.sortedCovers(), (at, event) -> {})
              == index.sortedCovers();
    }
  }

  /** Sorts; the index is durable, and takes the place of the one that was there, or nothing is. */
  void sort(EventFileName name) throws DiskFailure {
    try {
      sortInMemory(name);
    } finally {
      entries = NONE;
    }
  }

  private void sortInMemory(EventFileName name) throws DiskFailure {
    count = 0;
    long covered = 0;
    try (var index = EventIndex.open(disk, name.index(folder));
        var lines = disk.openRead(name.lines(folder))) {
      long expected = index == null ? 0 : index.bytes() / IndexFrame.ENTRY_BYTES;
      entries = new long[Math.toIntExact(FIRST_ENTRIES + expected)];
      if (index != null) {
        covered = index.frames(this::add);
      }
      if (covered > lines.size()) {
        // A power cut has left less of the lines than of their index.
        count = 0;
        covered = 0;
      }
      covered =
          new LineReader(lines)
              .forEach(
                  covered,
                  (at, event) -> {
                    int transaction = LineMatch.transactionHash(event);
                    if (transaction >= 0) {
                      add(EventIndex.entry(transaction, at));
                    }
                    var recipient = event.text("recipient");
                    if (!recipient.isEmpty()) {
                      add(EventIndex.entry(IndexKey.of(recipient), at));
                    }
                  });
    }
    Arrays.sort(entries, 0, count);
    var fresh = folder.resolve(name.index(folder).getFileName() + ".new");
    if (disk.exists(fresh)) {
      disk.delete(fresh);
    }
    try (var file = disk.create(fresh)) {
      write(file, covered);
      file.force();
    }
    disk.rename(fresh, name.index(folder));
    disk.forceFolder(folder);
  }

  private void add(long entry) {
    if (count == entries.length) {
      entries = Arrays.copyOf(entries, 2 * count);
    }
    entries[count++] = entry;
  }

  private void write(DiskFile file, long covered) throws DiskFailure {
    int blocks = (count + EventIndex.BLOCK_ENTRIES - 1) / EventIndex.BLOCK_ENTRIES;
    var header = ByteBuffer.allocate(EventIndex.HEADER_BYTES);
    header.putLong(EventIndex.SORTED).putInt(0).putInt(blocks).putLong(covered).putLong(count);
    header.putInt(8, EventIndex.headerCrc(header));
    file.write(header.flip(), 0);
    long position = EventIndex.HEADER_BYTES;
    var gathered = ByteBuffer.allocate(WRITE_BLOCKS * EventIndex.BLOCK_BYTES);
    for (int number = 0; number < blocks; number++) {
      gathered.put(block(number));
      if (gathered.remaining() < EventIndex.BLOCK_BYTES || number == blocks - 1) {
        gathered.flip();
        int length = gathered.remaining();
        file.write(gathered, position);
        position += length;
        gathered.clear();
      }
    }
  }

  private ByteBuffer block(int number) {
    var block = ByteBuffer.allocate(EventIndex.BLOCK_BYTES);
    int first = number * EventIndex.BLOCK_ENTRIES;
    int held = Math.min(EventIndex.BLOCK_ENTRIES, count - first);
    block.putInt(0).putInt(held);
    for (int i = 0; i < held; i++) {
      block.putLong(entries[first + i]);
    }
    block.putInt(0, EventIndex.blockCrc(block, number, block.position()));
    return block.flip();
  }
}
