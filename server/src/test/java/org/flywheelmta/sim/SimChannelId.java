package org.flywheelmta.sim;

import io.netty.channel.ChannelId;
import org.flywheelmta.base.ReadOnlyThreadSafe;

/** A channel's number in its world; Netty's own ids hold the time and random bits. */
@ReadOnlyThreadSafe
record SimChannelId(long number) implements ChannelId {
  private static final long serialVersionUID = 1L;

  @Override
  public String asShortText() {
    return Long.toString(number);
  }

  @Override
  public String asLongText() {
    return asShortText();
  }

  @Override
  public int compareTo(ChannelId other) {
    return asLongText().compareTo(other.asLongText());
  }
}
