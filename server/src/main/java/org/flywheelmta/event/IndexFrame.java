package org.flywheelmta.event;

import java.nio.ByteBuffer;
import java.util.zip.CRC32C;
import org.flywheelmta.base.SingleThreadSafe;

/**
 * The index entries of one batch of lines, as they are appended to the index of a file that is
 * still written. Used again for each batch.
 *
 * <p>A frame is: magic (8 octets), CRC32C of all that follows it (4), how many entries (4), where
 * the batch begins among the lines (8), how many octets it has (8); for each entry its hash (4) and
 * the place of its line in the batch (4).
 */
@SingleThreadSafe
final class IndexFrame {
  static final long MAGIC = 0x4657_4556_4652_4d31L;
  static final int HEADER_BYTES = 32;
  static final int ENTRY_BYTES = 8;
  static final int CHECKED_FROM = 12;

  private static final int FIRST_ENTRIES = 4 << 10;

  private final CRC32C crc = new CRC32C();
  private ByteBuffer bytes = ByteBuffer.allocate(HEADER_BYTES + FIRST_ENTRIES * ENTRY_BYTES);

  IndexFrame() {
    clear();
  }

  /** Adds what leads to one event, whose line begins at octet {@code at} of the batch. */
  void add(MailEvent event, int at) {
    var transaction = event.transaction();
    if (transaction != null) {
      add(IndexKey.of(transaction), at);
    }
    if (!event.recipient().isEmpty()) {
      add(IndexKey.of(WellFormed.text(event.recipient())), at);
    }
  }

  private void add(int hash, int at) {
    if (bytes.remaining() < ENTRY_BYTES) {
      var larger = ByteBuffer.allocate(2 * bytes.capacity());
      larger.put(bytes.flip());
      bytes = larger;
    }
    bytes.putInt(hash).putInt(at);
  }

  /**
   * The frame, good until it is cleared.
   *
   * @param from where the batch begins in its file
   * @param length of the batch in octets
   */
  ByteBuffer end(long from, int length) {
    int end = bytes.position();
    bytes.putLong(0, MAGIC);
    bytes.putInt(CHECKED_FROM, (end - HEADER_BYTES) / ENTRY_BYTES);
    bytes.putLong(16, from);
    bytes.putLong(24, length);
    crc.reset();
    crc.update(bytes.array(), CHECKED_FROM, end - CHECKED_FROM);
    bytes.putInt(8, (int) crc.getValue());
    return bytes.duplicate().flip();
  }

  /** Begins the next frame. */
  void clear() {
    bytes.clear().position(HEADER_BYTES);
  }
}
