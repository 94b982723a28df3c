package org.flywheelmta.sim;

import io.netty.channel.AbstractChannel;
import io.netty.channel.ChannelConfig;
import io.netty.channel.ChannelMetadata;
import io.netty.channel.ChannelOutboundBuffer;
import io.netty.channel.ChannelPromise;
import io.netty.channel.DefaultChannelConfig;
import io.netty.channel.DefaultChannelPipeline;
import io.netty.channel.EventLoop;
import io.netty.channel.ServerChannel;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.util.ArrayDeque;
import org.flywheelmta.base.NonThreadSafe;
import org.jspecify.annotations.Nullable;

/** A listening channel of the simulated network. Its messages are unregistered channels. */
@NonThreadSafe
final class SimServerChannel extends AbstractChannel implements ServerChannel, SimPipeline.SimEnd {
  private static final ChannelMetadata METADATA = new ChannelMetadata(false, 16);
  private static final int BACKLOG = 1024;
  private static final int ACCEPTS_PER_READ = 16;

  private final SimPlatform machine;
  private final ChannelConfig config;
  private final ArrayDeque<SimChannel> backlog = new ArrayDeque<>();
  private @Nullable InetSocketAddress local;
  private boolean open = true;
  private boolean readPending;
  private boolean readScheduled;

  SimServerChannel(SimPlatform machine) {
    super(null, machine.world().wire().nextChannel());
    this.machine = machine;
    this.config = new DefaultChannelConfig(this);
    config.setAllocator(machine.allocator());
  }

  @Override
  public SimPlatform machine() {
    return machine;
  }

  /** Takes a connection into the backlog; false when that is full. */
  boolean offer(SimChannel child) {
    if (!open || backlog.size() >= BACKLOG) {
      return false;
    }
    backlog.add(child);
    scheduleRead();
    return true;
  }

  private void scheduleRead() {
    if (readPending && !readScheduled && !backlog.isEmpty()) {
      readScheduled = true;
      eventLoop().execute(this::readNow);
    }
  }

  private void readNow() {
    readScheduled = false;
    if (!open || !readPending) {
      return;
    }
    for (int i = 0; i < ACCEPTS_PER_READ; i++) {
      var child = backlog.poll();
      if (child == null) {
        break;
      }
      readPending = false;
      pipeline().fireChannelRead(child);
    }
    pipeline().fireChannelReadComplete();
    scheduleRead();
  }

  @Override
  protected void doBeginRead() {
    readPending = true;
    scheduleRead();
  }

  @Override
  protected void doBind(SocketAddress address) throws Exception {
    local = machine.world().wire().listen(this, (InetSocketAddress) address);
  }

  @Override
  protected void doClose() {
    if (!open) {
      return;
    }
    open = false;
    machine.world().wire().stopListening(this);
    backlog.forEach(SimChannel::closedByKernel);
    backlog.clear();
  }

  @Override
  protected void doDisconnect() {
    throw new UnsupportedOperationException();
  }

  @Override
  protected void doWrite(ChannelOutboundBuffer in) {
    throw new UnsupportedOperationException();
  }

  @Override
  protected DefaultChannelPipeline newChannelPipeline() {
    return new SimPipeline(this);
  }

  @Override
  protected AbstractUnsafe newUnsafe() {
    return new AbstractUnsafe() {
      @Override
      public void connect(
          SocketAddress remote, @Nullable SocketAddress source, ChannelPromise promise) {
        safeSetFailure(promise, new UnsupportedOperationException());
      }
    };
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
    return null;
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
    return open && local != null;
  }

  @Override
  public ChannelMetadata metadata() {
    return METADATA;
  }
}
