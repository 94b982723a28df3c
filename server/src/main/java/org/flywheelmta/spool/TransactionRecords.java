package org.flywheelmta.spool;

import io.netty.buffer.Unpooled;
import java.nio.ByteBuffer;
import org.flywheelmta.base.SingleThreadSafe;
import org.flywheelmta.base.TransactionId;
import org.flywheelmta.disk.Disk;
import org.flywheelmta.disk.DiskFailure;
import org.flywheelmta.disk.DiskFile;
import org.flywheelmta.message.Envelope;
import org.jspecify.annotations.Nullable;

/**
 * Reads the metadata of transactions that a scan found, without their content. The file that was
 * read last stays open, since transactions are asked for in the order in which they lie.
 */
@SingleThreadSafe
final class TransactionRecords implements AutoCloseable {
  private final Disk disk;
  private @Nullable Segment segment;
  private @Nullable DiskFile file;

  TransactionRecords(Disk disk) {
    this.disk = disk;
  }

  /** What the record says; a scan has verified its checksum. */
  Envelope read(TransactionId id, Extent home) throws DiskFailure {
    long payload = home.position() + (long) RecordHeader.BYTES;
    var prefix =
        TransactionCodec.Prefix.decode(
            Unpooled.wrappedBuffer(bytes(home.segment(), payload, TransactionCodec.PREFIX_BYTES)));
    var metadata =
        bytes(home.segment(), payload + TransactionCodec.PREFIX_BYTES, prefix.metadataBytes());
    return TransactionCodec.decode(id, prefix, Unpooled.wrappedBuffer(metadata));
  }

  private byte[] bytes(Segment from, long position, int count) throws DiskFailure {
    var open = file;
    if (open == null || segment != from) {
      close();
      open = disk.openRead(from.path);
      file = open;
      segment = from;
    }
    var bytes = new byte[count];
    if (open.read(ByteBuffer.wrap(bytes), position) < count) {
      throw new DiskFailure(DiskFailure.Kind.IO, from.path, "the file ends too early", null);
    }
    return bytes;
  }

  @Override
  public void close() {
    if (file != null) {
      file.close();
      file = null;
    }
  }
}
