package org.flywheelmta.torture;

import java.io.ByteArrayOutputStream;
import java.security.MessageDigest;

/**
 * A body that any number of mails may share, so that a mail costs the generator little more than
 * its headers.
 *
 * @param stuffed lines with CRLF line ends and a second dot where one begins with a dot (RFC 5321,
 *     section 4.5.2); never changed
 * @param bytes how many they are without the second dots
 * @param sha256 of those bytes; never changed
 * @param eightBit whether there are bytes above 127, so that MAIL must say BODY=8BITMIME
 */
@SuppressWarnings("ArrayRecordComponent") // Compared by no one; the bytes are shared, not copied.
record Body(byte[] stuffed, long bytes, byte[] sha256, boolean eightBit) {
  /** Of lines with CRLF line ends. */
  static Body of(byte[] lines, boolean eightBit) {
    var out = new ByteArrayOutputStream(lines.length + lines.length / 16);
    int from = 0;
    for (int i = 0; i < lines.length; i++) {
      boolean lineStart = i == 0 || lines[i - 1] == '\n';
      if (lineStart && lines[i] == '.') {
        out.write(lines, from, i - from);
        out.write('.');
        from = i;
      }
    }
    out.write(lines, from, lines.length - from);
    MessageDigest digest = Fingerprint.digest();
    return new Body(out.toByteArray(), lines.length, digest.digest(lines), eightBit);
  }
}
