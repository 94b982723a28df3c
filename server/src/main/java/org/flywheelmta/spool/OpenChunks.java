package org.flywheelmta.spool;

import io.netty.buffer.ByteBuf;
import java.util.ArrayList;
import java.util.List;
import java.util.zip.CRC32C;
import org.flywheelmta.base.SingleThreadSafe;

/** The parts of a content that arrived so far and that no transaction's record commits yet. */
@SingleThreadSafe
final class OpenChunks {
  /**
   * A chunk's payload begins with its index (u32) and, where it is compressed, the length of what
   * was compressed (u32); otherwise four octets that are zero.
   */
  static final int PREFIX_BYTES = 8;

  final List<Extent> extents = new ArrayList<>();
  private final CRC32C crc = new CRC32C();
  private int crcSoFar;
  private long bytes;

  /** A part found no room, so the transaction cannot be committed. */
  boolean failed;

  /** Whether one chunk more would be too many; a large part may take two. */
  boolean isFull() {
    return extents.size() - 2 * (bytes / Spool.CHUNK_BYTES) >= Spool.MAX_SHORT_CHUNKS;
  }

  void add(Extent extent, Request.Append append) {
    extents.add(extent);
    var seen = append.seen();
    if (seen == null) {
      bytes += append.part().readableBytes();
      update(crc, append.part());
      crcSoFar = (int) crc.getValue();
    } else {
      bytes += seen.bytes();
      crcSoFar = seen.crc();
    }
  }

  static void update(CRC32C crc, ByteBuf part) {
    for (var buffer : part.nioBuffers()) {
      crc.update(buffer);
    }
  }

  long bytes() {
    return bytes;
  }

  int crc() {
    return crcSoFar;
  }
}
