package org.flywheelmta.net;

import io.netty.buffer.ByteBufAllocator;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.ssl.SniHandler;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslHandler;
import org.flywheelmta.base.NonThreadSafe;

/**
 * Waits for the name that a client wants (RFC 6066 section 3), and lets the certificate of that
 * name go on with the handshake. It holds one reference to the certificates until then.
 */
@NonThreadSafe
final class TlsNameChoice extends SniHandler {
  /** The longest ClientHello; those of today have some 2,000 octets. */
  private static final int MAX_HELLO_BYTES = 16 * 1024;

  private final TlsCertificates certificates;
  private final TlsTasks tasks;
  private boolean released;

  TlsNameChoice(TlsCertificates certificates, TlsTasks tasks) {
    super((name, chosen) -> chosen.setSuccess(certificates.named(name)), MAX_HELLO_BYTES, 0L);
    this.certificates = certificates;
    this.tasks = tasks;
  }

  @Override
  protected SslHandler newSslHandler(SslContext context, ByteBufAllocator allocator) {
    return TlsAcceptor.Accepting.sslHandler(context, allocator, tasks);
  }

  @Override
  protected void handlerRemoved0(ChannelHandlerContext context) throws Exception {
    if (!released) {
      released = true;
      certificates.release();
    }
    super.handlerRemoved0(context);
  }
}
