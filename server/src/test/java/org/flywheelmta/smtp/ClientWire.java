package org.flywheelmta.smtp;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.channel.AbstractChannel;
import io.netty.channel.Channel;
import io.netty.channel.ChannelConfig;
import io.netty.channel.ChannelException;
import io.netty.channel.ChannelMetadata;
import io.netty.channel.ChannelOutboundBuffer;
import io.netty.channel.ChannelPromise;
import io.netty.channel.DefaultChannelConfig;
import io.netty.channel.EventLoop;
import io.netty.channel.ServerChannel;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.ConnectException;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import org.flywheelmta.net.Network;
import org.flywheelmta.scheduler.Scheduler;
import org.jspecify.annotations.Nullable;

/** The one connection of a test: what the client sends is gathered, and the test is the peer. */
final class ClientWire extends AbstractChannel implements Network {
  /** What becomes of the attempt to connect. */
  enum Connect {
    AT_ONCE,
    REFUSED,
    NO_SOCKET,
    NEVER
  }

  private static final ChannelMetadata METADATA = new ChannelMetadata(false);
  private static final InetSocketAddress PEER =
      InetSocketAddress.createUnresolved("peer.example", 25);

  private final DefaultChannelConfig config = new DefaultChannelConfig(this);
  private final ByteArrayOutputStream sent = new ByteArrayOutputStream();
  private final Connect connect;
  private boolean open = true;
  private boolean active;
  private long readable = Long.MAX_VALUE;
  private @Nullable ChannelPromise connecting;

  ClientWire(ByteBufAllocator allocator, Connect connect) {
    super(null);
    config.setAllocator(allocator);
    this.connect = connect;
  }

  /** What the client sent since this was last asked. */
  byte[] takeSent() {
    var octets = sent.toByteArray();
    sent.reset();
    return octets;
  }

  /** From now on the peer reads so many octets and no more. */
  void readsNoMoreThan(long octets) {
    readable = octets;
    unsafe().flush();
  }

  void peerSends(byte[] octets) {
    if (active) {
      pipeline()
          .fireChannelRead(config.getAllocator().buffer(octets.length + 1).writeBytes(octets));
      pipeline().fireChannelReadComplete();
    }
  }

  void peerCloses() {
    unsafe().close(voidPromise());
  }

  void peerResets() {
    pipeline().fireExceptionCaught(new IOException("Connection reset by peer"));
  }

  @Override
  public Channel channel(Scheduler scheduler, SocketAddress remote) {
    if (connect == Connect.NO_SOCKET) {
      throw new ChannelException("too many open files");
    }
    return this;
  }

  @Override
  public ServerChannel serverChannel(Scheduler scheduler, SocketAddress address) {
    throw new UnsupportedOperationException("a client does not listen");
  }

  @Override
  protected AbstractUnsafe newUnsafe() {
    return new Unsafe();
  }

  @Override
  protected boolean isCompatible(EventLoop loop) {
    return true;
  }

  @Override
  protected SocketAddress localAddress0() {
    return PEER;
  }

  @Override
  protected SocketAddress remoteAddress0() {
    return PEER;
  }

  @Override
  protected void doBind(SocketAddress localAddress) {
    throw new UnsupportedOperationException();
  }

  @Override
  protected void doDisconnect() {
    doClose();
  }

  @Override
  protected void doClose() {
    open = false;
    active = false;
    var waiting = connecting;
    if (waiting != null) {
      connecting = null;
      waiting.tryFailure(new IOException("closed"));
    }
  }

  @Override
  protected void doBeginRead() {
    // The test pushes.
  }

  @Override
  protected void doWrite(ChannelOutboundBuffer in) {
    while (in.current() instanceof ByteBuf next) {
      int octets = (int) Math.min(readable, next.readableBytes());
      var copy = new byte[octets];
      next.getBytes(next.readerIndex(), copy);
      sent.writeBytes(copy);
      readable -= octets;
      boolean whole = octets == next.readableBytes();
      in.progress(octets);
      if (!whole) {
        next.skipBytes(octets);
        return;
      }
      in.remove();
    }
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

  private final class Unsafe extends AbstractUnsafe {
    @Override
    public void connect(SocketAddress remote, SocketAddress local, ChannelPromise promise) {
      switch (connect) {
        case AT_ONCE -> {
          active = true;
          promise.trySuccess();
          pipeline().fireChannelActive();
        }
        case REFUSED -> promise.tryFailure(new ConnectException("Connection refused"));
        case NEVER, NO_SOCKET -> connecting = promise;
      }
    }
  }
}
