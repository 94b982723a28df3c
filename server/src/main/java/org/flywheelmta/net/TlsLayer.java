package org.flywheelmta.net;

import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.codec.DecoderException;
import io.netty.handler.ssl.NotSslRecordException;
import io.netty.handler.ssl.ReferenceCountedOpenSslEngine;
import io.netty.handler.ssl.SslHandler;
import io.netty.handler.ssl.SslHandshakeCompletionEvent;
import io.netty.internal.tcnative.SSL;
import io.netty.util.ReferenceCountUtil;
import java.io.IOException;
import java.security.cert.X509Certificate;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLPeerUnverifiedException;
import org.flywheelmta.base.NonThreadSafe;
import org.flywheelmta.event.Tls;
import org.flywheelmta.scheduler.Scheduler;
import org.jspecify.annotations.Nullable;

/**
 * TLS of one connection: the handlers in front of its own, and what became of the handshake. In
 * front of the engine stands a gate, which bounds what a peer may send before the handshake is
 * over, and drops what still comes once the connection is closing: the engine would gather it.
 */
@NonThreadSafe
final class TlsLayer {
  /** What a handshake may take from a peer: a ClientHello, and a chain of certificates. */
  static final int MAX_HANDSHAKE_BYTES = 128 * 1024;

  private final Channel channel;
  private final TlsHandshake handshake;
  private final Gate gate = new Gate();
  private @Nullable Tls details;

  TlsLayer(Channel channel, TlsHandshake handshake) {
    this.channel = channel;
    this.handshake = handshake;
  }

  /** Puts the handlers in front; a client's handshake begins at once. */
  void begin(Scheduler scheduler) {
    var engine = handshake.handler(scheduler, channel.alloc());
    channel.pipeline().addFirst(gate, engine);
  }

  /** True until the handshake has succeeded. */
  boolean securing() {
    return details == null;
  }

  /** How the connection is secured; null before the handshake has succeeded. */
  @Nullable Tls details() {
    return details;
  }

  /** The handshake is over, one way or the other; may be called again. */
  void end() {
    handshake.end();
  }

  /** What the handshake failed by: TLS, or an end of the connection; null where it succeeded. */
  @Nullable IOException onHandshake(SslHandshakeCompletionEvent event) {
    end();
    if (!event.isSuccess()) {
      if (gate.ended) {
        return new IOException("the connection was closed during the handshake");
      }
      return failure(event.cause());
    }
    var handler = channel.pipeline().get(SslHandler.class);
    var verified = "";
    if (handshake.verifiedName() != null) {
      verified = handshake.verifiedName();
    } else if (handshake.verifies()) {
      try {
        var certificate = (X509Certificate) handler.engine().getSession().getPeerCertificates()[0];
        verified = certificate.getSubjectX500Principal().getName();
      } catch (SSLPeerUnverifiedException none) {
        // It has shown no certificate.
      }
    }
    details = details(handler.engine(), verified);
    return null;
  }

  private static Tls details(SSLEngine engine, String verified) {
    var session = engine.getSession();
    var version = session.getProtocol();
    var cipher = session.getCipherSuite();
    if (engine instanceof ReferenceCountedOpenSslEngine boring) {
      long pointer = boring.sslPointer();
      return new Tls(version, cipher, group(pointer), SSL.isSessionReused(pointer), verified);
    }
    // The JDK's engine does not say more.
    return new Tls(version, cipher, "", false, verified);
  }

  private static String group(long pointer) {
    try {
      var name = SSL.getGroupName(pointer);
      return name == null ? "" : name;
    } catch (Exception unknown) {
      return "";
    }
  }

  /** What broke the connection, where it was TLS; else {@code cause} itself. */
  static Throwable told(Throwable cause) {
    var inner =
        cause instanceof DecoderException && cause.getCause() != null ? cause.getCause() : cause;
    return inner instanceof SSLException ? failure(inner) : cause;
  }

  private static TlsFailure failure(Throwable cause) {
    // Its own text holds the octets that came.
    return cause instanceof NotSslRecordException
        ? new TlsFailure("what came is no TLS record")
        : new TlsFailure(cause);
  }

  /** Says that nothing more is sent, and then calls {@code sent}. */
  void closeOutput(Runnable sent) {
    gate.dropping = true;
    var handler = channel.pipeline().get(SslHandler.class);
    if (handler == null) {
      sent.run();
    } else {
      var _ = handler.closeOutbound().addListener((ChannelFuture done) -> sent.run());
    }
  }

  /** Closes the socket at once, past the engine, which would wait for its last record to leave. */
  void abort() {
    var context = channel.pipeline().context(gate);
    if (context == null) {
      var _ = channel.close();
    } else {
      var _ = context.close();
    }
  }

  /** Between the socket and the engine. */
  private final class Gate extends ChannelInboundHandlerAdapter {
    private boolean dropping;
    private boolean ended;
    private long octets;

    @Override
    public void channelInactive(ChannelHandlerContext context) {
      ended = true;
      context.fireChannelInactive();
    }

    @Override
    public void channelRead(ChannelHandlerContext context, Object bytes) {
      if (dropping) {
        ReferenceCountUtil.release(bytes);
        return;
      }
      if (securing()) {
        octets += ((ByteBuf) bytes).readableBytes();
        if (octets > MAX_HANDSHAKE_BYTES) {
          dropping = true;
          ReferenceCountUtil.release(bytes);
          context.fireExceptionCaught(
              new TlsFailure("a handshake of more than " + MAX_HANDSHAKE_BYTES + " octets"));
          return;
        }
      }
      context.fireChannelRead(bytes);
    }
  }
}
