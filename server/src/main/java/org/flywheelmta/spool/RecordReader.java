package org.flywheelmta.spool;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.UnpooledByteBufAllocator;
import java.nio.ByteBuffer;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.zip.CRC32C;
import org.flywheelmta.base.ReadOnlyThreadSafe;
import org.flywheelmta.disk.Disk;
import org.flywheelmta.disk.DiskFailure;

/** Reads single records whose place is known, and verifies every octet of them. */
@ReadOnlyThreadSafe
final class RecordReader {
  private final Disk disk;
  private final ByteBufAllocator allocator;
  private final Consumer<Request> commits;
  private final BooleanSupplier sealed;

  /**
   * @param commits told of each record that is not what it was, before its reader is
   * @param sealed whether the volume has failed
   */
  RecordReader(
      Disk disk, ByteBufAllocator allocator, Consumer<Request> commits, BooleanSupplier sealed) {
    this.disk = disk;
    this.allocator = allocator;
    this.commits = commits;
    this.sealed = sealed;
  }

  /** One that tells nobody, for those who look at a spool that is not theirs. */
  static RecordReader looking(Disk disk) {
    return new RecordReader(disk, UnpooledByteBufAllocator.DEFAULT, request -> {}, () -> false);
  }

  /**
   * Whether it is of no use to read again. Out of descriptors, an error of the device: the octets
   * may be whole, so nobody gives up. Of a sealed volume what was written last may be gone, and
   * what it was moved from is not.
   */
  boolean isForGood(DiskFailure failure) {
    return failure.kind() == DiskFailure.Kind.DAMAGED && !sealed.getAsBoolean();
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
          || (header.kind == RecordHeader.CHUNK
              && extent.isCompressed() != ((header.flags & RecordHeader.COMPRESSED) != 0))
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

  /** A record is not what was written there: it is set aside, and its reader is told so. */
  DiskFailure damaged(Extent extent) {
    commits.accept(new Request.Damaged(extent));
    var text = "the record at octet " + extent.position() + " is damaged";
    return new DiskFailure(DiskFailure.Kind.DAMAGED, extent.segment().path, text, null);
  }
}
