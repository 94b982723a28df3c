package org.flywheelmta.net;

import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelOption;
import io.netty.channel.ServerChannel;
import java.net.SocketAddress;
import java.util.List;
import java.util.function.Consumer;
import org.flywheelmta.base.Check;
import org.flywheelmta.base.ConcurrentThreadSafe;
import org.flywheelmta.base.Limit;
import org.flywheelmta.base.MemoryAccount;
import org.flywheelmta.base.OperatorLog;
import org.flywheelmta.scheduler.Scheduler;
import org.flywheelmta.scheduler.TimedEvent;
import org.jspecify.annotations.Nullable;

/**
 * A network server of any protocol. It listens on the master scheduler and deals what it accepts,
 * in turn, to the schedulers of its pool.
 *
 * <p>A connection above {@code listener_sessions} is given to {@link Sessions#refuse}, which says
 * so in the protocol's own words and closes.
 */
@ConcurrentThreadSafe
public final class Netlistener {
  private static final long ACCEPT_PAUSE_NANOS = 1_000_000_000L;

  /**
   * How many connections above {@code listener_sessions} are told so at once; others are closed.
   */
  private static final int REFUSALS_AT_ONCE = 1_000;

  private final ListenerSettings settings;
  private final Scheduler master;
  private final List<Scheduler> pool;
  private final OperatorLog log;
  private final Limit open;
  private final Limit memory;
  private final PausedReads reads;
  private final ConnectionIds ids;
  private final @Nullable TlsAcceptor tls;
  // The five below belong to the master.
  private @Nullable ServerChannel channel;
  private @Nullable Network network;
  private @Nullable Sessions sessions;
  private int turn;
  private boolean accepting;

  /** Makes the session of each accepted connection; called on the connection's scheduler. */
  public interface Sessions {
    /** The closure of a connection that was just accepted. */
    Closure accept(AcceptConstruct construct);

    /** The closure of a connection that is one too many. */
    Closure refuse(AcceptConstruct construct);
  }

  /**
   * Prepares a listener; {@link #bind} and {@link #open} begin it.
   *
   * @param pool the schedulers that its connections are dealt to
   * @param ids of the server's connections
   * @param reads pauses the reading of its connections while memory is short
   * @param log told when connections cannot be accepted
   * @param tls secures its connections; null where none are
   */
  public Netlistener(
      ListenerSettings settings,
      Scheduler master,
      List<Scheduler> pool,
      ConnectionIds ids,
      PausedReads reads,
      OperatorLog log,
      @Nullable TlsAcceptor tls) {
    Check.that(!pool.isEmpty(), "a netlistener without schedulers");
    this.settings = settings;
    this.master = master;
    this.pool = List.copyOf(pool);
    this.log = log;
    this.ids = ids;
    this.tls = tls;
    this.reads = reads;
    this.memory = new Limit("listener_memory", settings.memoryBytes());
    this.open = new Limit("listener_sessions", settings.sessions());
  }

  public ListenerSettings settings() {
    return settings;
  }

  /** Secures its connections; null where none are. */
  public @Nullable TlsAcceptor tls() {
    return tls;
  }

  /** How many connections are open. */
  public long connections() {
    return open.taken();
  }

  /** Bytes that its connections have taken: {@code flywheel_listener_memory_bytes{listener}}. */
  public long memoryTaken() {
    return memory.taken();
  }

  /**
   * Binds, on the master. Connections queue in the system until {@link #open}.
   *
   * @param bound called with the address in force, whose port may have been chosen by the system
   * @param failed called with the reason when it cannot be bound
   */
  public void bind(Network network, Consumer<SocketAddress> bound, Consumer<Throwable> failed) {
    master.check();
    var server = network.serverChannel(master, settings.address());
    channel = server;
    this.network = network;
    server.config().setAutoRead(false);
    server.pipeline().addLast(new Acceptor());
    server.config().setOption(ChannelOption.SO_BACKLOG, settings.backlog());
    var _ =
        master
            .loop()
            .register(server)
            .addListener(
                (ChannelFuture registered) -> {
                  if (registered.isSuccess()) {
                    bind(server, bound, failed);
                  } else {
                    failed.accept(registered.cause());
                  }
                });
  }

  private void bind(
      ServerChannel server, Consumer<SocketAddress> bound, Consumer<Throwable> failed) {
    var _ =
        server
            .bind(settings.address())
            .addListener(
                (ChannelFuture done) -> {
                  if (done.isSuccess()) {
                    bound.accept(server.localAddress());
                  } else {
                    var _ = server.close();
                    failed.accept(done.cause());
                  }
                });
  }

  /**
   * Begins to accept, on the master.
   *
   * @param accepted makes the session of each connection
   */
  public void open(Sessions accepted) {
    master.check();
    sessions = accepted;
    accepting = true;
    if (channel != null) {
      channel.config().setAutoRead(true);
    }
  }

  /** Stops to accept, on the master; open connections stay. */
  public void close() {
    master.check();
    accepting = false;
    if (channel != null) {
      var _ = channel.close();
      channel = null;
    }
  }

  private void deal(Channel child) {
    var makers = sessions;
    if (!accepting || network == null || makers == null) {
      child.unsafe().closeForcibly();
      return;
    }
    network.onAccepted(child);
    var scheduler = pool.get(turn);
    turn = (turn + 1) % pool.size();
    boolean room = open.tryTake(1);
    if (!room) {
      // A client that expects a handshake would not understand the words of a refusal.
      boolean speechless = tls != null && tls.mode() == TlsMode.IMPLICIT;
      if (speechless || open.taken() >= open.maximum() + REFUSALS_AT_ONCE) {
        child.unsafe().closeForcibly();
        return;
      }
      open.take(1);
    }
    scheduler.post(() -> begin(scheduler, child, makers, room));
  }

  private void begin(Scheduler scheduler, Channel child, Sessions makers, boolean room) {
    var construct =
        new AcceptConstruct(
            scheduler,
            child,
            ids.next(),
            this,
            new MemoryAccount(memory, reads.budget()),
            reads.group(scheduler));
    construct.begin(room ? makers.accept(construct) : makers.refuse(construct));
    var _ =
        scheduler
            .loop()
            .register(child)
            .addListener(
                registered -> {
                  if (!registered.isSuccess()) {
                    construct.onRefused(registered.cause());
                  }
                });
  }

  void onGone() {
    open.release(1);
  }

  private final class Acceptor extends ChannelInboundHandlerAdapter {
    @Override
    public void channelRead(ChannelHandlerContext context, Object accepted) {
      deal((Channel) accepted);
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
      // Out of file descriptors, mostly: pause a moment instead of spinning over the same
      // connection.
      log.warning(
          settings.name() + " cannot accept and pauses for a second: " + cause.getMessage());
      context.channel().config().setAutoRead(false);
      var resume = TimedEvent.of(_ -> context.channel().config().setAutoRead(true));
      master.arm(resume, ACCEPT_PAUSE_NANOS);
    }
  }
}
