package org.flywheelmta.spool;

import java.nio.ByteBuffer;
import org.flywheelmta.base.NonThreadSafe;
import org.jspecify.annotations.Nullable;

/** Memory for the part of a segment that a scan looks at, made when a scan first needs it. */
@NonThreadSafe
final class ScanWindow {
  /** How much of a segment a scan holds in memory at once. */
  private static final int BYTES = 256 * 1024;

  private @Nullable ByteBuffer buffer;

  /** The buffer, lent for one scan. */
  ByteBuffer buffer() {
    var made = buffer;
    if (made == null) {
      made = ByteBuffer.allocateDirect(BYTES);
      buffer = made;
    }
    return made;
  }
}
