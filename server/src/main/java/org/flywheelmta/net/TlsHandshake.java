package org.flywheelmta.net;

import io.netty.buffer.ByteBufAllocator;
import io.netty.channel.ChannelHandler;
import org.flywheelmta.base.SingleThreadSafe;
import org.flywheelmta.scheduler.Scheduler;
import org.jspecify.annotations.Nullable;

/**
 * The right to secure one connection, for {@link Connection#secure}: from {@link
 * TlsAcceptor#begin}, or {@link TlsConnector#begin}. Used once, and given to a connection or ended.
 */
@SingleThreadSafe
public abstract sealed class TlsHandshake permits TlsAcceptor.Accepting, TlsConnector.Connecting {
  TlsHandshake() {}

  /** Makes what stands in front of the connection's own handler. */
  abstract ChannelHandler handler(Scheduler scheduler, ByteBufAllocator allocator);

  /** Whether a certificate of the other side is verified, where it shows one. */
  abstract boolean verifies();

  /** The host name that the certificate of the other side is verified for; null for none. */
  @Nullable String verifiedName() {
    return null;
  }

  /** It succeeded or failed, or its connection is gone; may be called again. */
  abstract void end();
}
