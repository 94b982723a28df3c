package org.flywheelmta.net;

import io.netty.buffer.ByteBufAllocator;
import io.netty.channel.ChannelHandler;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslHandler;
import io.netty.handler.ssl.util.InsecureTrustManagerFactory;
import io.netty.util.ReferenceCountUtil;
import java.security.cert.X509Certificate;
import java.util.List;
import javax.net.ssl.SSLException;
import org.flywheelmta.base.ConcurrentThreadSafe;
import org.flywheelmta.scheduler.Scheduler;
import org.flywheelmta.scheduler.ThreadPool;
import org.jspecify.annotations.Nullable;

/**
 * The client side of TLS under one policy. Sessions are resumed by host and port, and only under
 * the policy that made them: what another did not verify is not taken for verified here.
 */
@ConcurrentThreadSafe
public final class TlsConnector {
  /** Option {@code tls_verify}. */
  public enum Verify {
    /** Any certificate will do. */
    NO,
    /** It has to come from a known authority. */
    CA,
    /** That, and be for the name of the host. */
    HOST
  }

  private static final String BY_HOST = "HTTPS";

  private final Verify verify;
  private final SslContext context;
  private final ThreadPool pool;

  private TlsConnector(Verify verify, SslContext context, ThreadPool pool) {
    this.verify = verify;
    this.context = context;
    this.pool = pool;
  }

  /**
   * Makes one; takes some milliseconds where authorities are known, so not on a scheduler.
   *
   * @param authorities whom it believes; empty for those of the JDK
   */
  static TlsConnector of(
      TlsSuite suite, Verify verify, List<X509Certificate> authorities, ThreadPool pool)
      throws SSLException {
    var builder =
        suite
            .applyTo(SslContextBuilder.forClient())
            .endpointIdentificationAlgorithm(verify == Verify.HOST ? BY_HOST : null);
    if (verify == Verify.NO) {
      builder.trustManager(InsecureTrustManagerFactory.INSTANCE);
    } else if (!authorities.isEmpty()) {
      builder.trustManager(authorities.toArray(X509Certificate[]::new));
    }
    return new TlsConnector(verify, builder.build(), pool);
  }

  /** What is asked of the other side. */
  public Verify verify() {
    return verify;
  }

  /**
   * The right to secure a connection.
   *
   * @param host the name of the other side, which it is told (RFC 6066 section 3) unless it is an
   *     address, and by which it is verified
   * @param port of the other side; sessions are kept by both
   */
  public TlsHandshake begin(String host, int port) {
    return new Connecting(
        this, host.endsWith(".") ? host.substring(0, host.length() - 1) : host, port);
  }

  /** No handshake begins any more; connections go on. */
  void close() {
    ReferenceCountUtil.release(context);
  }

  /** One handshake with a server. */
  static final class Connecting extends TlsHandshake {
    private final TlsConnector connector;
    private final String host;
    private final int port;

    private Connecting(TlsConnector connector, String host, int port) {
      this.connector = connector;
      this.host = host;
      this.port = port;
    }

    @Override
    ChannelHandler handler(Scheduler scheduler, ByteBufAllocator allocator) {
      var engine = connector.context.newEngine(allocator, host, port);
      return TlsAcceptor.withoutTimers(
          new SslHandler(engine, false, new TlsTasks(connector.pool, scheduler)));
    }

    @Override
    @Nullable String verifiedName() {
      return connector.verify == Verify.HOST ? host : null;
    }

    @Override
    boolean verifies() {
      return connector.verify != Verify.NO;
    }

    @Override
    void end() {
      // Connections are limited, and with them their handshakes.
    }
  }
}
