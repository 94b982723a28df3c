package org.flywheelmta.main;

import java.io.ByteArrayOutputStream;

/** Mail from files of other programs, whose lines may end as the system's do. */
final class LineEnds {
  private LineEnds() {}

  /** The octets with CRLF for each CR or LF that stands alone, and at the end (RFC 5321 2.3.8). */
  static byte[] repaired(byte[] octets) {
    var repaired = new ByteArrayOutputStream(octets.length + 64);
    for (int i = 0; i < octets.length; i++) {
      byte octet = octets[i];
      boolean ends = octet == '\n' || octet == '\r';
      if (!ends) {
        repaired.write(octet);
        continue;
      }
      if (octet == '\r' && i + 1 < octets.length && octets[i + 1] == '\n') {
        i++;
      }
      repaired.write('\r');
      repaired.write('\n');
    }
    boolean ended = octets.length == 0 || octets[octets.length - 1] == '\n';
    if (!ended && octets[octets.length - 1] != '\r') {
      repaired.write('\r');
      repaired.write('\n');
    }
    return repaired.toByteArray();
  }
}
