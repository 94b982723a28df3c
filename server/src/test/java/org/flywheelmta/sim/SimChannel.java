package org.flywheelmta.sim;

import io.netty.buffer.ByteBuf;
import io.netty.channel.AbstractChannel;
import io.netty.channel.ChannelConfig;
import io.netty.channel.ChannelMetadata;
import io.netty.channel.ChannelOutboundBuffer;
import io.netty.channel.ChannelPromise;
import io.netty.channel.ConnectTimeoutException;
import io.netty.channel.DefaultChannelConfig;
import io.netty.channel.DefaultChannelPipeline;
import io.netty.channel.EventLoop;
import java.io.IOException;
import java.net.ConnectException;
import java.net.InetSocketAddress;
import java.net.NoRouteToHostException;
import java.net.SocketAddress;
import java.net.SocketException;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.ConnectionPendingException;
import java.nio.channels.NotYetConnectedException;
import java.util.concurrent.TimeUnit;
import org.flywheelmta.base.Check;
import org.flywheelmta.base.NonThreadSafe;
import org.jspecify.annotations.Nullable;

/**
 * One end of a connection over the simulated network. It behaves as a socket channel does: partial
 * reads, short writes, a finite window, refusal, timeouts of attempts, resets and ends of stream;
 * there is no half-close.
 */
@NonThreadSafe
final class SimChannel extends AbstractChannel implements SimPipeline.SimEnd {
  private static final ChannelMetadata METADATA = new ChannelMetadata(false, 16);

  private final SimPlatform machine;
  private final SimWire wire;
  private final int number;
  private final ChannelConfig config;
  private @Nullable InetSocketAddress local;
  private @Nullable InetSocketAddress remote;
  private @Nullable Flow inbound;
  private @Nullable Flow outbound;
  private @Nullable ChannelPromise connecting;
  private boolean open = true;
  private boolean active;
  private boolean readPending;
  private boolean readScheduled;
  private boolean writeBlocked;
  private boolean reset;
  private long closedNanos = Actor.NEVER;

  /** An outgoing channel. */
  SimChannel(SimPlatform machine) {
    this(machine, null);
  }

  private SimChannel(SimPlatform machine, @Nullable SimServerChannel parent) {
    super(parent, machine.world().wire().nextChannel());
    this.machine = machine;
    this.wire = machine.world().wire();
    this.number = Integer.parseInt(id().asShortText());
    this.config = new DefaultChannelConfig(this);
    config.setAllocator(machine.allocator());
  }

  /** The accepting end for a connection from {@code peer}, connected already. */
  private static SimChannel accepted(SimServerChannel parent, SimChannel peer, Link link) {
    var child = new SimChannel(parent.machine(), parent);
    child.local = peer.remote;
    child.remote = peer.local;
    child.inbound = new Flow(child.wire, link, peer, child);
    child.outbound = new Flow(child.wire, link, child, peer);
    child.active = true;
    child.wire.opened(child);
    return child;
  }

  @Override
  public SimPlatform machine() {
    return machine;
  }

  int number() {
    return number;
  }

  /** Where an outgoing channel went. */
  InetSocketAddress remote() {
    return present(remote);
  }

  private static <T> T present(@Nullable T value) {
    if (value == null) {
      throw Check.bug("a channel is used before it is connected");
    }
    return value;
  }

  /** True while bytes that arrive find somebody. */
  boolean listens() {
    return open && machine.up();
  }

  private void connectNow(InetSocketAddress target) {
    var link = wire.linkTo(target);
    wire.countAttempt(target);
    long at = machine.clock().nanoTime() + wire.latency(link);
    machine.world().at(at, "syn", number, target.getPort(), () -> arriveAt(target, link));
  }

  /** At the far end of an attempt. */
  private void arriveAt(InetSocketAddress target, Link link) {
    if (link.silent() || wire.isVoid(target.getAddress())) {
      machine.world().faults().fire(Fault.GATEWAY_UNREACHABLE);
      return;
    }
    var listener = link.refusing() ? null : wire.listenerAt(target);
    if (link.refusing()) {
      machine.world().faults().fire(Fault.GATEWAY_REFUSED);
    }
    long back = machine.clock().nanoTime() + wire.latency(link);
    if (listener == null) {
      machine.world().at(back, "refusal", number, 0, () -> inLoop(this::refused));
      return;
    }
    var child = accepted(listener, this, link);
    if (!listener.offer(child)) {
      wire.closed(child);
      return;
    }
    present(child.outbound).deliver("syn-ack", 0, () -> answered(child));
  }

  private void answered(SimChannel child) {
    if (!machine.answers()) {
      return;
    }
    if (!listens()) {
      child.onReset();
      return;
    }
    inLoop(() -> established(child));
  }

  private void established(SimChannel child) {
    if (!open || connecting == null) {
      child.onReset();
      return;
    }
    inbound = present(child.outbound);
    outbound = child.inbound;
    active = true;
    if (reset) {
      inbound.arriveEnd(Flow.End.RESET);
    }
    wire.opened(this);
    var promise = connecting;
    connecting = null;
    boolean told = promise.trySuccess();
    pipeline().fireChannelActive();
    if (!told) {
      unsafe().close(voidPromise());
    } else {
      scheduleRead();
    }
  }

  private void refused() {
    failConnect(new ConnectException("Connection refused: " + remote));
  }

  private void failConnect(Throwable cause) {
    var promise = connecting;
    connecting = null;
    if (promise != null) {
      promise.tryFailure(cause);
    }
  }

  private void inLoop(Runnable task) {
    if (machine.up() && isRegistered()) {
      eventLoop().execute(task);
    }
  }

  void onReadable() {
    if (listens()) {
      scheduleRead();
    }
  }

  private void scheduleRead() {
    var flow = inbound;
    if (readPending && !readScheduled && flow != null && flow.readable()) {
      readScheduled = true;
      eventLoop().execute(this::readNow);
    }
  }

  private void readNow() {
    readScheduled = false;
    var flow = inbound;
    if (!open || !readPending || flow == null) {
      return;
    }
    var handle = unsafe().recvBufAllocHandle();
    handle.reset(config);
    boolean read = false;
    do {
      var buffer = handle.allocate(config.getAllocator());
      handle.attemptedBytesRead(buffer.writableBytes());
      handle.lastBytesRead(flow.read(buffer, buffer.writableBytes()));
      if (handle.lastBytesRead() <= 0) {
        buffer.release();
        break;
      }
      read = true;
      handle.incMessagesRead(1);
      readPending = false;
      pipeline().fireChannelRead(buffer);
    } while (open && handle.continueReading());
    var end = open && flow.available() == 0 ? flow.end() : Flow.End.NONE;
    handle.readComplete();
    if (read) {
      pipeline().fireChannelReadComplete();
    }
    if (end == Flow.End.RESET) {
      pipeline().fireExceptionCaught(new SocketException("Connection reset"));
    }
    if (end != Flow.End.NONE) {
      unsafe().close(voidPromise());
    } else {
      scheduleRead();
    }
  }

  void onWritable() {
    inLoop(
        () -> {
          writeBlocked = false;
          if (open) {
            ((SimUnsafe) unsafe()).writeOn();
          }
        });
  }

  /** The peer, or its kernel, has given the connection up. */
  void onReset() {
    if (!listens()) {
      return;
    }
    reset = true;
    if (inbound != null) {
      inbound.arriveEnd(Flow.End.RESET);
    }
    onWritable();
  }

  /** Tells, at any later time, when the peer read everything that is sent by now. */
  Flow.Mark readMark() {
    return present(outbound).readMark();
  }

  /** The other end. */
  SimChannel peer() {
    return present(inbound).sender();
  }

  /** When this end was closed, or its process died; {@link Actor#NEVER} while it is open. */
  long closedNanos() {
    return closedNanos;
  }

  /** The network breaks the connection: both ends see a reset. */
  void resetByNetwork() {
    if (open && outbound != null) {
      outbound.reset();
      long at = machine.clock().nanoTime() + wire.latency(Link.fast());
      machine.world().at(at, "reset", number, 0, this::onReset);
    }
  }

  /** The machine is gone, and nobody tells the peer. */
  void forsaken() {
    closedNanos = machine.clock().nanoTime();
  }

  /** The process is gone; the kernel tells the peer. */
  void closedByKernel() {
    forsaken();
    open = false;
    active = false;
    endFlows();
  }

  private void endFlows() {
    wire.closed(this);
    if (outbound == null || reset) {
      return;
    }
    if (present(inbound).available() > 0) {
      outbound.reset();
    } else {
      outbound.finish();
    }
  }

  @Override
  protected void doBeginRead() {
    readPending = true;
    scheduleRead();
  }

  @Override
  protected void doWrite(ChannelOutboundBuffer in) throws Exception {
    var flow = outbound;
    if (flow == null) {
      throw new NotYetConnectedException();
    }
    while (in.current() instanceof ByteBuf buffer) {
      if (reset) {
        throw new IOException("Broken pipe");
      }
      int length = buffer.readableBytes();
      int sent = flow.send(buffer, buffer.readerIndex(), length);
      // Takes away empty buffers too.
      in.removeBytes(sent);
      if (sent < length) {
        writeBlocked = true;
        return;
      }
    }
  }

  @Override
  protected Object filterOutboundMessage(Object message) {
    if (message instanceof ByteBuf) {
      return message;
    }
    throw new UnsupportedOperationException("a socket takes bytes, not " + message.getClass());
  }

  @Override
  protected void doBind(SocketAddress address) {
    var wanted = (InetSocketAddress) address;
    int port = wanted.getPort() == 0 ? wire.ephemeralPort() : wanted.getPort();
    local = new InetSocketAddress(wanted.getAddress(), port);
  }

  @Override
  protected void doDisconnect() {
    doClose();
  }

  @Override
  protected void doClose() {
    if (!open) {
      return;
    }
    open = false;
    active = false;
    closedNanos = machine.clock().nanoTime();
    endFlows();
    failConnect(new ClosedChannelException());
  }

  @Override
  protected DefaultChannelPipeline newChannelPipeline() {
    return new SimPipeline(this);
  }

  @Override
  protected AbstractUnsafe newUnsafe() {
    return new SimUnsafe();
  }

  @Override
  protected boolean isCompatible(EventLoop loop) {
    return loop instanceof SimLoop;
  }

  @Override
  protected @Nullable SocketAddress localAddress0() {
    return local;
  }

  @Override
  protected @Nullable SocketAddress remoteAddress0() {
    return active ? remote : null;
  }

  @Override
  public ChannelConfig config() {
    return config;
  }

  @Override
  public boolean isOpen() {
    return open;
  }

  @Override
  public boolean isActive() {
    return active;
  }

  @Override
  public ChannelMetadata metadata() {
    return METADATA;
  }

  /** Connects, and goes on writing when the window opens. */
  private final class SimUnsafe extends AbstractUnsafe {
    @Override
    public void connect(
        SocketAddress target, @Nullable SocketAddress source, ChannelPromise promise) {
      if (promise.isDone() || !ensureOpen(promise)) {
        return;
      }
      if (connecting != null || active) {
        throw new ConnectionPendingException();
      }
      remote = (InetSocketAddress) target;
      if (wire.isCutOff(remote.getAddress())) {
        machine.world().faults().fire(Fault.NO_ROUTE);
        promise.tryFailure(new NoRouteToHostException("Network is unreachable: " + target));
        closeIfClosed();
        return;
      }
      if (source != null) {
        doBind(source);
      } else if (local == null) {
        local = SimNetwork.sourceFor(machine, remote);
      }
      connecting = promise;
      connectNow(remote);
      int timeoutMillis = config.getConnectTimeoutMillis();
      if (timeoutMillis > 0) {
        var timeout =
            eventLoop()
                .schedule(() -> timedOut(promise, target), timeoutMillis, TimeUnit.MILLISECONDS);
        promise.addListener(done -> timeout.cancel(false));
      }
      promise.addListener(
          done -> {
            if (done.isCancelled()) {
              connecting = null;
              close(voidPromise());
            }
          });
    }

    private void timedOut(ChannelPromise promise, SocketAddress target) {
      if (connecting == promise) {
        connecting = null;
        var cause = new ConnectTimeoutException("connection timed out: " + target);
        if (promise.tryFailure(cause)) {
          close(voidPromise());
        }
      }
    }

    @Override
    protected void flush0() {
      if (!writeBlocked) {
        super.flush0();
      }
    }

    void writeOn() {
      super.flush0();
    }
  }
}
