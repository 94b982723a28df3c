package org.flywheelmta.main;

import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.zip.CRC32C;

/** Makes a segment look as if a later version of the server had written it. */
final class SpoolVersions {
  private static final long MAGIC = 0x4657_5350_4f4f_4c0aL;
  private static final short LATER = 99;
  private static final int CRC_AT = 60;
  private static final int STEP = 2048;
  private static final int HEADER_BYTES = 8192;

  private SpoolVersions() {}

  /** Raises the version in each copy of the segment's header, whose place the format page tells. */
  static void raise(Path segment) throws Exception {
    var bytes = Files.readAllBytes(segment);
    var buffer = ByteBuffer.wrap(bytes);
    for (int at = 0; at < HEADER_BYTES; at += STEP) {
      if (buffer.getLong(at) == MAGIC) {
        buffer.putShort(at + Long.BYTES, LATER);
        var crc = new CRC32C();
        crc.update(bytes, at, CRC_AT);
        buffer.putInt(at + CRC_AT, (int) crc.getValue());
      }
    }
    Files.write(segment, bytes);
  }
}
