package org.flywheelmta.spool;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import java.nio.ByteBuffer;
import java.util.zip.CRC32C;
import org.flywheelmta.base.ReadOnlyThreadSafe;
import org.flywheelmta.disk.Disk;
import org.flywheelmta.disk.DiskFailure;

/** Reads single records whose place is known, and verifies every octet of them. */
@ReadOnlyThreadSafe
final class RecordReader {
  private final Disk disk;
  private final ByteBufAllocator allocator;

  RecordReader(Disk disk, ByteBufAllocator allocator) {
    this.disk = disk;
    this.allocator = allocator;
  }

  /**
   * A record's payload in one direct buffer, which the caller releases. A record that is not what
   * it was is a failure of kind {@code DAMAGED}.
   */
  ByteBuf payload(Extent extent) throws DiskFailure {
    int size = extent.payloadLength();
    var segment = extent.segment();
    var payload = allocator.directBuffer(size, size);
    boolean whole = false;
    try (var file = disk.openRead(segment.path)) {
      var head = ByteBuffer.allocate(RecordHeader.BYTES);
      file.read(head, extent.position());
      var header = new RecordHeader();
      var into = payload.nioBuffer(0, size);
      int read = file.read(into, extent.position() + (long) RecordHeader.BYTES);
      var crc = new CRC32C();
      if (!header.decode(head, 0, segment.header.incarnation())
          || header.payloadLength != size
          || read < size) {
        throw damaged(extent);
      }
      header.seed(crc);
      crc.update(payload.nioBuffer(0, size));
      if ((int) crc.getValue() != header.payloadCrc) {
        throw damaged(extent);
      }
      whole = true;
      return payload.writerIndex(size);
    } finally {
      if (!whole) {
        payload.release();
      }
    }
  }

  private static DiskFailure damaged(Extent extent) {
    var text = "the record at octet " + extent.position() + " is damaged";
    return new DiskFailure(DiskFailure.Kind.DAMAGED, extent.segment().path, text, null);
  }
}
