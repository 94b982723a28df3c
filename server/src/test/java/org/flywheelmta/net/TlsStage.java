package org.flywheelmta.net;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManager;
import javax.net.ssl.X509TrustManager;
import org.flywheelmta.base.Clock;
import org.flywheelmta.base.MemoryBudget;
import org.flywheelmta.base.OperatorLog;
import org.flywheelmta.disk.FileDisk;
import org.flywheelmta.event.Tls;
import org.flywheelmta.scheduler.IoEngine;
import org.flywheelmta.scheduler.Scheduler;
import org.flywheelmta.scheduler.ThreadPlatform;
import org.flywheelmta.scheduler.ThreadPool;
import org.jspecify.annotations.Nullable;

/** Listeners with TLS on real sockets, and clients of both kinds: ours and the JDK's. */
final class TlsStage implements AutoCloseable {
  static final long LIMIT_SECONDS = 30;
  static final char ASK = 'S';
  static final char GO = 'G';

  final ConcurrentLinkedQueue<Throwable> faults = new ConcurrentLinkedQueue<>();
  final ConcurrentLinkedQueue<String> operator = new ConcurrentLinkedQueue<>();
  final LinkedBlockingQueue<Side> accepted = new LinkedBlockingQueue<>();
  final FileDisk disk = new FileDisk();
  final Path folder;

  private final TlsEngine engine;
  private final ThreadPlatform platform;
  private final Network network;
  private final Scheduler master;
  private final Scheduler scheduler;
  private final ThreadPool pool;
  private final List<TlsAcceptor> acceptors = new ArrayList<>();
  private final List<TlsConnector> connectors = new ArrayList<>();

  TlsStage(TlsEngine engine, Path folder) {
    this.engine = engine;
    this.folder = folder;
    this.platform = new ThreadPlatform(IoEngine.auto(), (where, fault) -> faults.add(fault));
    this.network = new SocketNetwork(IoEngine.auto());
    this.master = platform.schedulers("master", 1).getFirst();
    this.scheduler = platform.schedulers("events", 1).getFirst();
    this.pool = platform.threadPool("CPU", 2, 1_000);
  }

  /** One end of a connection. It may be asked to be secured, and says again what it hears then. */
  static final class Side implements Closure {
    final Connection connection;
    final CompletableFuture<Tls> secured = new CompletableFuture<>();
    final CompletableFuture<String> closed = new CompletableFuture<>();
    private volatile String words = "";
    private final boolean echoes;

    Side(Connection connection, boolean echoes) {
      this.connection = connection;
      this.echoes = echoes;
    }

    @Override
    public void onOpen() {}

    @Override
    public void onSecure(Tls tls) {
      assertThat(tls).isEqualTo(connection.tls());
      secured.complete(tls);
    }

    @Override
    public void onInput(ByteBuf input) {
      if (connection instanceof AcceptConstruct construct && connection.tls() == null) {
        hear(String.valueOf((char) input.readByte()));
        var acceptor = Objects.requireNonNull(construct.listener().tls());
        write(this, String.valueOf(GO));
        connection.secure(Objects.requireNonNull(acceptor.begin()));
        assertThat(input.isReadable()).isFalse();
        return;
      }
      hear(input.toString(StandardCharsets.ISO_8859_1));
      if (echoes) {
        connection.write(input.readRetainedSlice(input.readableBytes()));
      } else {
        input.skipBytes(input.readableBytes());
      }
    }

    @Override
    public void onDeadline() {
      connection.close();
    }

    @Override
    public void onClosed(@Nullable Throwable failure) {
      assertThat(closed.complete(failure == null ? "orderly" : failure.toString())).isTrue();
    }

    private void hear(String text) {
      words = words.concat(text);
    }

    /** All that it has heard; from any thread. */
    String heard() {
      return words;
    }

    Tls tls() throws Exception {
      return secured.get(LIMIT_SECONDS, TimeUnit.SECONDS);
    }

    String ending() throws Exception {
      return closed.get(LIMIT_SECONDS, TimeUnit.SECONDS);
    }
  }

  /** A file with a certificate for these names, and its key. */
  Path pair(String file, String... names) throws Exception {
    var path = folder.resolve(file);
    var pem = SelfSigned.pem(SelfSigned.Kind.EC, List.of(names), List.of(), Clock.system());
    Files.write(path, pem);
    return path;
  }

  TlsSuite suite() {
    return new TlsSuite(engine, List.of(TlsVersion.values()), TlsSuite.STRONG, TlsSuite.GROUPS);
  }

  TlsAcceptor acceptor(int handshakes, Path... pairs) throws Exception {
    var settings =
        new TlsSettings(
            "a:1",
            TlsMode.IFAVAILABLE,
            List.of(pairs),
            List.of(pairs),
            Optional.empty(),
            TlsSettings.Verify.OPTIONAL,
            TlsSettings.Injection.REJECT,
            handshakes,
            TimeUnit.SECONDS.toNanos(LIMIT_SECONDS),
            suite());
    OperatorLog log = (level, text) -> operator.add(text);
    var acceptor = new TlsAcceptor(settings, pool, log);
    acceptor.load(disk);
    acceptors.add(acceptor);
    return acceptor;
  }

  TlsConnector connector(TlsConnector.Verify verify, X509Certificate... authorities)
      throws Exception {
    var connector = TlsConnector.of(suite(), verify, List.of(authorities), pool);
    connectors.add(connector);
    return connector;
  }

  /** A listener whose sessions begin TLS at the first octet that they hear. */
  InetSocketAddress listen(TlsAcceptor acceptor) throws Exception {
    var listener =
        new Netlistener(
            new ListenerSettings(
                "test_listener",
                "a:1",
                new InetSocketAddress(InetAddress.getLoopbackAddress(), 0),
                100,
                1_000,
                64 * 1024,
                Long.MAX_VALUE),
            master,
            List.of(scheduler),
            new ConnectionIds(),
            new PausedReads(new MemoryBudget("memory_limit", 1L << 30)),
            (level, text) -> {},
            acceptor);
    var bound = new CompletableFuture<SocketAddress>();
    master.post(
        () -> {
          listener.bind(network, bound::complete, bound::completeExceptionally);
          listener.open(
              new Netlistener.Sessions() {
                @Override
                public Closure accept(AcceptConstruct construct) {
                  var side = new Side(construct, true);
                  accepted.add(side);
                  return side;
                }

                @Override
                public Closure refuse(AcceptConstruct construct) {
                  throw new AssertionError("no connection is one too many here");
                }
              });
        });
    return (InetSocketAddress) bound.get(LIMIT_SECONDS, TimeUnit.SECONDS);
  }

  /** Connects in clear, asks for TLS and begins it once that is sent. */
  Side connect(InetSocketAddress remote, TlsConnector connector, String host) throws Exception {
    var made = new CompletableFuture<Side>();
    scheduler.post(
        () ->
            new Connector(network, new ConnectionIds())
                .connect(
                    scheduler,
                    remote,
                    TimeUnit.SECONDS.toNanos(LIMIT_SECONDS),
                    64 * 1024,
                    connection -> {
                      var side = new Side(connection, false);
                      var dialing = new Asking(side, connector, host);
                      made.complete(side);
                      return dialing;
                    }));
    return made.get(LIMIT_SECONDS, TimeUnit.SECONDS);
  }

  /** Says the octet that asks for TLS, and begins it when that is answered. */
  private record Asking(Side side, TlsConnector connector, String host) implements Closure {
    @Override
    public void onOpen() {
      var connection = side.connection;
      connection.write(connection.allocator().buffer(1).writeByte(ASK));
      connection.flush();
    }

    @Override
    public void onInput(ByteBuf input) {
      if (side.connection.tls() == null) {
        assertThat(input.readByte()).isEqualTo((byte) GO);
        side.connection.secure(connector.begin(host, 1));
      } else {
        side.onInput(input);
      }
    }

    @Override
    public void onSecure(Tls tls) {
      side.onSecure(tls);
    }

    @Override
    public void onDeadline() {
      side.onDeadline();
    }

    @Override
    public void onClosed(@Nullable Throwable failure) {
      side.onClosed(failure);
    }
  }

  Side accepted() throws Exception {
    return Objects.requireNonNull(accepted.poll(LIMIT_SECONDS, TimeUnit.SECONDS));
  }

  /** Does something to a connection on its scheduler, and waits until it is done. */
  void on(Side side, Runnable action) throws Exception {
    var done = new CompletableFuture<Boolean>();
    scheduler.post(
        () -> {
          action.run();
          side.connection.flush();
          done.complete(true);
        });
    done.get(LIMIT_SECONDS, TimeUnit.SECONDS);
  }

  static void write(Side side, String text) {
    side.connection.write(
        side.connection
            .allocator()
            .buffer(text.length())
            .writeBytes(text.getBytes(StandardCharsets.ISO_8859_1)));
  }

  static Socket dial(InetSocketAddress address) throws Exception {
    var socket = new Socket();
    socket.setSoTimeout((int) TimeUnit.SECONDS.toMillis(LIMIT_SECONDS));
    socket.connect(address, (int) TimeUnit.SECONDS.toMillis(LIMIT_SECONDS));
    return socket;
  }

  /** The JDK's client on a plain socket; it believes everything. */
  static SSLSocket layer(Socket socket, boolean closes) throws Exception {
    var context = SSLContext.getInstance("TLS");
    context.init(null, new TrustManager[] {new Credulous()}, null);
    return (SSLSocket)
        context.getSocketFactory().createSocket(socket, "a.test", socket.getPort(), closes);
  }

  private static final class Credulous implements X509TrustManager {
    @Override
    public void checkClientTrusted(X509Certificate[] chain, String type) {}

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String type) {}

    @Override
    public X509Certificate[] getAcceptedIssuers() {
      return new X509Certificate[0];
    }
  }

  X509Certificate certificate(Path file) throws Exception {
    try {
      return PemFile.read(Files.readAllBytes(file)).certificates().getFirst();
    } catch (GeneralSecurityException unreadable) {
      throw new AssertionError(file + " is no certificate", unreadable);
    }
  }

  /** Ends everything; nothing has failed. */
  @Override
  public void close() {
    platform.close();
    acceptors.forEach(TlsAcceptor::close);
    connectors.forEach(TlsConnector::close);
    assertThat(faults).isEmpty();
  }
}
