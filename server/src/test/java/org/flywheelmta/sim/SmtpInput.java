package org.flywheelmta.sim;

import io.netty.buffer.ByteBuf;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.flywheelmta.base.NonThreadSafe;
import org.jspecify.annotations.Nullable;

/**
 * Bytes of an SMTP session cut into lines, strictly: a line ends in CR LF, and neither stands alone
 * (RFC 5321 section 2.3.8).
 */
@NonThreadSafe
final class SmtpInput {
  private byte[] bytes = new byte[256];
  private int start;
  private int end;
  // No line ends before this.
  private int scanned;

  void add(ByteBuf buffer) {
    int length = buffer.readableBytes();
    if (end + length > bytes.length) {
      int kept = end - start;
      var larger = kept + length > bytes.length ? new byte[2 * (kept + length)] : bytes;
      System.arraycopy(bytes, start, larger, 0, kept);
      bytes = larger;
      scanned -= start;
      start = 0;
      end = kept;
    }
    buffer.readBytes(bytes, end, length);
    end += length;
  }

  boolean isEmpty() {
    return start == end;
  }

  /**
   * The next line without its end, or null when it is not complete.
   *
   * @throws IllegalStateException when CR or LF stands alone
   */
  byte @Nullable [] line() {
    for (int i = Math.max(start, scanned); i < end; i++) {
      scanned = i;
      if (bytes[i] == '\n') {
        throw new IllegalStateException("a bare LF in " + text(start, i));
      }
      if (bytes[i] == '\r') {
        if (i + 1 == end) {
          return null;
        }
        if (bytes[i + 1] != '\n') {
          throw new IllegalStateException("a bare CR in " + text(start, i));
        }
        var line = Arrays.copyOfRange(bytes, start, i);
        start = i + 2;
        return line;
      }
    }
    return null;
  }

  private String text(int from, int to) {
    return new String(bytes, from, to - from, StandardCharsets.ISO_8859_1);
  }

  /** A message's lines, dots removed, until the line that is a dot alone. */
  @NonThreadSafe
  static final class Body {
    private final ByteArrayOutputStream content = new ByteArrayOutputStream();

    /** Takes a line; returns true at the end of data. */
    boolean add(byte[] line) {
      boolean dotted = line.length > 0 && line[0] == '.';
      if (dotted && line.length == 1) {
        return true;
      }
      int from = dotted ? 1 : 0;
      content.write(line, from, line.length - from);
      content.write('\r');
      content.write('\n');
      return false;
    }

    byte[] bytes() {
      return content.toByteArray();
    }
  }
}
