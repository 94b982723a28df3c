package org.flywheelmta.spool;

import io.netty.buffer.Unpooled;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.flywheelmta.base.SingleThreadSafe;
import org.flywheelmta.disk.Disk;
import org.flywheelmta.disk.DiskFailure;
import org.flywheelmta.disk.DiskFile;
import org.flywheelmta.message.Envelope;
import org.flywheelmta.message.Message;
import org.flywheelmta.message.Stub;
import org.flywheelmta.message.Tag;
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

  /** What the record says; the scan has verified its checksum. */
  Envelope read(Residence residence) throws DiskFailure {
    var home = residence.home;
    long payload = home.position() + (long) RecordHeader.BYTES;
    var prefix =
        TransactionCodec.Prefix.decode(
            Unpooled.wrappedBuffer(bytes(home.segment(), payload, TransactionCodec.PREFIX_BYTES)));
    var metadata =
        bytes(home.segment(), payload + TransactionCodec.PREFIX_BYTES, prefix.metadataBytes());
    return TransactionCodec.decode(residence.id, prefix, Unpooled.wrappedBuffer(metadata));
  }

  /** The messages of the recipients that wait; one reference to each passes to the caller. */
  List<Message> messages(RecoveryScan.Found found) throws DiskFailure {
    var record = read(found.residence);
    var messages = new ArrayList<Message>();
    for (int i = 0; i < record.transaction().recipients(); i++) {
      var latest = found.latest[i];
      if (latest != null && latest.kind().isFinal()) {
        continue;
      }
      var fields = record.fields().get(i);
      if (latest != null) {
        fields = FieldsCodec.merge(fields, latest.fields());
      }
      var message =
          new Message(
              record.transaction(),
              i,
              record.recipients().get(i),
              fields,
              Message.Stage.COMMITTED,
              null);
      if (latest != null) {
        message.schedule(latest.attempts(), latest.dueMicros());
      }
      messages.add(message);
    }
    return messages;
  }

  /** The recipients that wait, as stubs. */
  List<Stub> stubs(RecoveryScan.Found found) throws DiskFailure {
    var stubs = new ArrayList<Stub>();
    for (var message : messages(found)) {
      stubs.add(
          new Stub(
              message.transaction().id(),
              message.index(),
              message.recipient().domain(),
              message.attempts(),
              Math.max(message.dueMicros(), message.micros(Tag.NOT_BEFORE)),
              message.micros(Tag.EXPIRY)));
      message.release();
    }
    return stubs;
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
