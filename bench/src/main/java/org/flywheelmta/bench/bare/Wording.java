package org.flywheelmta.bench.bare;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.nio.charset.StandardCharsets;

/** Octets that are sent again and again, in memory that the kernel reads at once. */
final class Wording {
  private final ByteBuf octets;

  private Wording(ByteBuf octets) {
    this.octets = octets;
  }

  static Wording of(String text) {
    var bytes = text.getBytes(StandardCharsets.US_ASCII);
    var octets = Unpooled.directBuffer(bytes.length, bytes.length).writeBytes(bytes);
    return new Wording(Unpooled.unreleasableBuffer(octets.asReadOnly()));
  }

  /** To be written once; its release does nothing. */
  ByteBuf once() {
    return octets.duplicate();
  }
}
