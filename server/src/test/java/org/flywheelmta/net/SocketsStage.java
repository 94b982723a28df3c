package org.flywheelmta.net;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.flywheelmta.base.MemoryBudget;
import org.flywheelmta.scheduler.IoEngine;
import org.flywheelmta.scheduler.Scheduler;
import org.flywheelmta.scheduler.ThreadPlatform;
import org.jspecify.annotations.Nullable;

/** One listener on a real socket, with a master and two schedulers of its own. */
final class SocketsStage implements AutoCloseable {
  static final int INPUT_LIMIT = 8 * 1024;

  private static final long LIMIT_SECONDS = 30;

  final ConcurrentLinkedQueue<Throwable> faults = new ConcurrentLinkedQueue<>();
  final Network network;
  final Scheduler master;
  final List<Scheduler> pool;
  final LinkedBlockingQueue<Session> accepted = new LinkedBlockingQueue<>();

  private final ThreadPlatform platform;
  private final InetSocketAddress wanted;
  private final int backlog;
  private final Netlistener listener;

  SocketsStage(IoEngine engine, int port, int backlog) {
    this.platform = new ThreadPlatform(engine, (where, fault) -> faults.add(fault));
    this.network = new SocketNetwork(engine);
    this.master = platform.schedulers("master", 1).getFirst();
    this.pool = platform.schedulers("events", 2);
    this.wanted = new InetSocketAddress(InetAddress.getLoopbackAddress(), port);
    this.backlog = backlog;
    this.listener = listener();
  }

  /** What a session of the test does with its connection. */
  interface Behaviour {
    void onInput(Session session, ByteBuf input);
  }

  /** A session that keeps what happens to it. */
  static final class Session implements Closure {
    final Connection connection;
    final Scheduler scheduler;
    final CompletableFuture<String> closed = new CompletableFuture<>();
    private final Behaviour behaviour;

    Session(Connection connection, Scheduler scheduler, Behaviour behaviour) {
      this.connection = connection;
      this.scheduler = scheduler;
      this.behaviour = behaviour;
    }

    @Override
    public void onOpen() {
      scheduler.check();
    }

    @Override
    public void onInput(ByteBuf input) {
      scheduler.check();
      behaviour.onInput(this, input);
    }

    @Override
    public void onDeadline() {}

    @Override
    public void onClosed(@Nullable Throwable failure) {
      // Completing it twice would be a fault of the connection.
      assertThat(closed.complete(String.valueOf(failure))).isTrue();
    }

    String ending() throws Exception {
      return closed.get(LIMIT_SECONDS, TimeUnit.SECONDS);
    }
  }

  Netlistener listener() {
    var settings =
        new ListenerSettings(
            "test_listener", "a:1", wanted, backlog, 1_000, INPUT_LIMIT, Long.MAX_VALUE);
    var reads = new PausedReads(new MemoryBudget("memory_limit", 1L << 30));
    return new Netlistener(
        settings, master, pool, new ConnectionIds(), reads, (level, text) -> {}, null);
  }

  InetSocketAddress bind() throws Exception {
    return (InetSocketAddress) bind(listener);
  }

  /** The address, or the exception that says why not. */
  SocketAddress bind(Netlistener toBind) throws Exception {
    var bound = new CompletableFuture<SocketAddress>();
    master.post(() -> toBind.bind(network, bound::complete, bound::completeExceptionally));
    return bound.get(LIMIT_SECONDS, TimeUnit.SECONDS);
  }

  void open(Behaviour behaviour) {
    master.post(
        () ->
            listener.open(
                new Netlistener.Sessions() {
                  @Override
                  public Closure accept(AcceptConstruct construct) {
                    var session = new Session(construct, construct.scheduler(), behaviour);
                    accepted.add(session);
                    return session;
                  }

                  @Override
                  public Closure refuse(AcceptConstruct construct) {
                    throw new AssertionError("no connection is one too many here");
                  }
                }));
  }

  Session accepted() throws Exception {
    var session = accepted.poll(LIMIT_SECONDS, TimeUnit.SECONDS);
    assertThat(session).as("an accepted connection").isNotNull();
    return java.util.Objects.requireNonNull(session);
  }

  /** Connects from the first scheduler of the pool. */
  Session connect(InetSocketAddress remote, long timeoutNanos, Behaviour behaviour)
      throws Exception {
    var made = new CompletableFuture<Session>();
    var scheduler = pool.getFirst();
    scheduler.post(
        () ->
            new Connector(network, new ConnectionIds())
                .connect(
                    scheduler,
                    remote,
                    timeoutNanos,
                    INPUT_LIMIT,
                    connection -> {
                      var session = new Session(connection, scheduler, behaviour);
                      made.complete(session);
                      return session;
                    }));
    return made.get(LIMIT_SECONDS, TimeUnit.SECONDS);
  }

  /** Ends everything; every loop ends with it, and nothing has failed. */
  @Override
  public void close() {
    platform.close();
    assertThat(master.loop().isTerminated()).as("the master has ended").isTrue();
    for (var scheduler : pool) {
      assertThat(scheduler.loop().isTerminated()).as("%s has ended", scheduler).isTrue();
    }
    assertThat(faults).isEmpty();
  }
}
