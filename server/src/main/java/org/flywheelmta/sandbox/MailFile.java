package org.flywheelmta.sandbox;

import io.netty.buffer.ByteBuf;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import org.flywheelmta.base.NonThreadSafe;
import org.flywheelmta.disk.Disk;
import org.flywheelmta.disk.DiskFailure;
import org.flywheelmta.disk.DiskFile;
import org.flywheelmta.intake.Reception;

/**
 * A mail while it is written: envelope fields, then the content with each CRLF as LF. What it holds
 * in memory between two calls is one octet at most.
 */
@NonThreadSafe
final class MailFile {
  private final Disk disk;
  private final Path path;
  private final DiskFile file;
  // Shared by all files of a folder, and empty between two calls.
  private final ByteBuffer buffer;
  private long position;
  // A CR whose LF may be the first octet of the next part.
  private boolean heldCr;

  private MailFile(Disk disk, Path path, DiskFile file, ByteBuffer buffer) {
    this.disk = disk;
    this.path = path;
    this.file = file;
    this.buffer = buffer;
  }

  /**
   * Creates the file and writes the envelope.
   *
   * @param buffer lent for each call; empty before and after
   */
  static MailFile create(Disk disk, Path path, Reception reception, ByteBuffer buffer)
      throws DiskFailure {
    var mail = new MailFile(disk, path, disk.create(path), buffer);
    try {
      mail.field("Return-Path: <", reception.sender().octets());
      for (var recipient : reception.recipients()) {
        mail.field("Delivered-To: <", recipient.address().octets());
      }
      mail.flush();
      return mail;
    } catch (DiskFailure failure) {
      mail.discard();
      throw failure;
    }
  }

  private void field(String name, byte[] address) throws DiskFailure {
    for (var octet : name.getBytes(StandardCharsets.US_ASCII)) {
      put(octet);
    }
    for (var octet : address) {
      put(octet);
    }
    put((byte) '>');
    put((byte) '\n');
  }

  Path path() {
    return path;
  }

  /** Appends a part of the content; its indexes stay where they are. */
  void append(ByteBuf part) throws DiskFailure {
    int end = part.writerIndex();
    for (int i = part.readerIndex(); i < end; i++) {
      byte octet = part.getByte(i);
      if (heldCr && octet != '\n') {
        put((byte) '\r');
      }
      heldCr = octet == '\r';
      if (!heldCr) {
        put(octet);
      }
    }
    flush();
  }

  private void put(byte octet) throws DiskFailure {
    if (!buffer.hasRemaining()) {
      flush();
    }
    buffer.put(octet);
  }

  private void flush() throws DiskFailure {
    buffer.flip();
    try {
      int length = buffer.remaining();
      file.write(buffer, position);
      position += length;
    } finally {
      buffer.clear();
    }
  }

  /**
   * Ends the file: its octets are on the disk when this returns, its name is not.
   *
   * @return how many bytes it has
   */
  long finish() throws DiskFailure {
    if (heldCr) {
      heldCr = false;
      put((byte) '\r');
      flush();
    }
    file.force();
    file.close();
    return position;
  }

  /** Closes the file and takes it away; what cannot be taken away now, the next start finds. */
  void discard() {
    file.close();
    try {
      disk.delete(path);
    } catch (DiskFailure leftForTheNextStart) {
      // It lies in tmp/, where no reader looks.
    }
  }
}
