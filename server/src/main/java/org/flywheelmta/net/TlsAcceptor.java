package org.flywheelmta.net;

import io.netty.buffer.ByteBufAllocator;
import io.netty.channel.ChannelHandler;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslHandler;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicReference;
import org.flywheelmta.base.Check;
import org.flywheelmta.base.ConcurrentThreadSafe;
import org.flywheelmta.base.Limit;
import org.flywheelmta.base.OperatorLog;
import org.flywheelmta.disk.Disk;
import org.flywheelmta.scheduler.Scheduler;
import org.flywheelmta.scheduler.ThreadPool;
import org.jspecify.annotations.Nullable;

/**
 * The server side of TLS for one listen. It has the certificates in force and makes the handshakes
 * of connections; both change together when {@link #reload} finds other files. A connection keeps
 * what it began with.
 *
 * <p>Each context has ticket keys of its own, in memory alone: a ticket is worth nothing at another
 * listen, under another name, or after a reload.
 */
@ConcurrentThreadSafe
public final class TlsAcceptor {
  private final TlsSettings settings;
  private final ThreadPool pool;
  private final OperatorLog log;
  private final Limit handshakes;
  private final AtomicReference<@Nullable TlsCertificates> current = new AtomicReference<>();

  /** Why the files could not be used when they were read last; empty where they could. */
  private final AtomicReference<String> told = new AtomicReference<>("");

  /**
   * One without certificates; {@link #load} comes first.
   *
   * @param pool computes what the engine hands over
   * @param log told of certificates that were replaced, or could not be
   */
  public TlsAcceptor(TlsSettings settings, ThreadPool pool, OperatorLog log) {
    Check.that(settings.mode() != TlsMode.NO, "TLS for a listener without it");
    this.settings = settings;
    this.pool = pool;
    this.log = log;
    this.handshakes = new Limit("tls_handshakes", settings.handshakes());
  }

  /** When connections are secured. */
  public TlsMode mode() {
    return settings.mode();
  }

  /** How long a handshake may take. */
  public long handshakeNanos() {
    return settings.handshakeNanos();
  }

  /** What becomes of commands that came with the one that begins TLS. */
  public TlsSettings.Injection injection() {
    return settings.injection();
  }

  /**
   * Reads the certificates; blocks.
   *
   * @throws UnusableCertificate when there is nothing to begin with
   */
  public void load(Disk disk) throws UnusableCertificate {
    replace(TlsCertificates.of(settings, TlsCertificates.read(settings, disk)));
  }

  /**
   * Reads the files again, and takes what they hold now where that differs and can be used; blocks.
   * The operator is told once why they cannot, however often they are read.
   *
   * @return whether certificates were replaced
   */
  public boolean reload(Disk disk) {
    try {
      var source = TlsCertificates.read(settings, disk);
      var before = current.get();
      if (before == null || before.isOf(source)) {
        told.set("");
        return false;
      }
      var read = TlsCertificates.of(settings, source);
      told.set("");
      if (!current.compareAndSet(before, read)) {
        // It was closed meanwhile.
        read.release();
        return false;
      }
      before.release();
      log.info("TLS: " + settings.listen() + " has new certificates: " + read);
      return true;
    } catch (UnusableCertificate unusable) {
      var why = String.valueOf(unusable.getMessage());
      if (!told.getAndSet(why).equals(why)) {
        log.warning("TLS: " + settings.listen() + " keeps its certificates: " + why);
      }
      return false;
    }
  }

  private void replace(@Nullable TlsCertificates next) {
    var before = current.getAndSet(next);
    if (before != null) {
      before.release();
    }
  }

  /** The certificates in force, for tests that count; not retained. */
  TlsCertificates certificates() {
    return Objects.requireNonNull(current.get());
  }

  /** Forgets its certificates; connections go on with theirs. */
  public void close() {
    replace(null);
  }

  /** How many handshakes are under way. */
  public long handshakesUnderWay() {
    return handshakes.taken();
  }

  /** The right to secure a connection; null while there are too many handshakes. */
  public @Nullable TlsHandshake begin() {
    return current.get() != null && handshakes.tryTake(1) ? new Accepting(this) : null;
  }

  /** A reference to the certificates in force, which a reload may be about to replace. */
  private @Nullable TlsCertificates acquire() {
    while (true) {
      var found = current.get();
      if (found == null || found.tryRetain()) {
        return found;
      }
    }
  }

  /** One handshake of a client. */
  static final class Accepting extends TlsHandshake {
    private final TlsAcceptor acceptor;
    private boolean ended;

    private Accepting(TlsAcceptor acceptor) {
      this.acceptor = acceptor;
    }

    @Override
    ChannelHandler handler(Scheduler scheduler, ByteBufAllocator allocator) {
      var certificates = acceptor.acquire();
      if (certificates == null) {
        throw Check.bug("a handshake of a listener that is closed");
      }
      var tasks = new TlsTasks(acceptor.pool, scheduler);
      if (certificates.isChosenByName()) {
        // It gives the reference back once the client has said whom it wants.
        return new TlsNameChoice(certificates, tasks);
      }
      try {
        return sslHandler(certificates.first(), allocator, tasks);
      } finally {
        certificates.release();
      }
    }

    /** The engine holds a reference to its context of its own. */
    static SslHandler sslHandler(SslContext context, ByteBufAllocator allocator, TlsTasks tasks) {
      return withoutTimers(new SslHandler(context.newEngine(allocator), false, tasks));
    }

    @Override
    boolean verifies() {
      return acceptor.settings.clientCa().isPresent();
    }

    @Override
    void end() {
      if (!ended) {
        ended = true;
        acceptor.handshakes.release(1);
      }
    }
  }

  /** Time is the connection's to keep. */
  static SslHandler withoutTimers(SslHandler handler) {
    handler.setHandshakeTimeoutMillis(0);
    handler.setCloseNotifyFlushTimeoutMillis(0);
    handler.setCloseNotifyReadTimeoutMillis(0);
    return handler;
  }
}
