package org.flywheelmta.bench.bare;

import io.netty.bootstrap.Bootstrap;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.PooledByteBufAllocator;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoop;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.FixedRecvByteBufAllocator;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.ServerChannel;
import io.netty.channel.epoll.Epoll;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollServerSocketChannel;
import io.netty.channel.epoll.EpollSocketChannel;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.SocketChannel;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.channel.socket.nio.NioSocketChannel;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * The loop as it runs: it takes mail on one address and forwards it to another, or nowhere. Any
 * thread may start and close it.
 */
final class BareLoop implements AutoCloseable {
  private static final int REPLIES = 512;
  private static final long CLOSE_SECONDS = 10;

  private final EventLoopGroup loops;
  private final Committer committer;
  private final Class<? extends Channel> client;
  private final Class<? extends ServerChannel> server;

  /** Filled before the first session; read only since. */
  private final Map<EventLoop, Forwarder> forwarders = new LinkedHashMap<>();

  private BareLoop(@Nullable InetSocketAddress next, CommitDoor door) {
    boolean epoll = Epoll.isAvailable();
    this.client = epoll ? EpollSocketChannel.class : NioSocketChannel.class;
    this.server = epoll ? EpollServerSocketChannel.class : NioServerSocketChannel.class;
    this.loops =
        new MultiThreadIoEventLoopGroup(
            Limits.LOOPS, epoll ? EpollIoHandler.newFactory() : NioIoHandler.newFactory());
    this.committer = Committer.start(door);
    for (int i = 0; i < Limits.LOOPS; i++) {
      var loop = loops.next();
      forwarders.put(
          loop, new Forwarder(loop, next == null ? null : link -> dial(loop, link, next)));
    }
  }

  /**
   * Owns the door from now on.
   *
   * @param next gets the mail; null: nobody does
   * @throws IOException where the address is taken; the door is closed then
   */
  static Listening start(
      InetSocketAddress listen, @Nullable InetSocketAddress next, CommitDoor door)
      throws IOException {
    var bare = new BareLoop(next, door);
    var bound = bare.bind(listen).awaitUninterruptibly();
    if (!bound.isSuccess()) {
      bare.close();
      throw new IOException(
          "cannot listen on " + listen + ": " + bound.cause().getMessage(), bound.cause());
    }
    return new Listening(bare, (InetSocketAddress) bound.channel().localAddress());
  }

  /** A loop and the address that it has got. */
  record Listening(BareLoop loop, InetSocketAddress address) implements AutoCloseable {
    @Override
    public void close() throws IOException {
      loop.close();
    }
  }

  private ChannelFuture bind(InetSocketAddress listen) {
    return new ServerBootstrap()
        .group(loops)
        .channel(server)
        .option(ChannelOption.SO_BACKLOG, Limits.BACKLOG)
        .option(ChannelOption.SO_REUSEADDR, true)
        .childOption(ChannelOption.ALLOCATOR, PooledByteBufAllocator.DEFAULT)
        .childHandler(
            new ChannelInitializer<SocketChannel>() {
              @Override
              protected void initChannel(SocketChannel channel) {
                accept(channel);
              }
            })
        .bind(listen);
  }

  private void accept(SocketChannel channel) {
    var forwarder = forwarder(channel.eventLoop());
    if (!forwarder.takeSession()) {
      var _ = channel.close();
      return;
    }
    var readSize = new ReadSize();
    channel.config().setRecvByteBufAllocator(readSize);
    channel.pipeline().addLast(new Intake(forwarder, committer, readSize));
  }

  private Forwarder forwarder(EventLoop loop) {
    var forwarder = forwarders.get(loop);
    if (forwarder == null) {
      throw new IllegalStateException("a loop without a forwarder");
    }
    return forwarder;
  }

  private void dial(EventLoop loop, Link link, InetSocketAddress next) {
    var _ =
        new Bootstrap()
            .group(loop)
            .channel(client)
            .option(ChannelOption.ALLOCATOR, PooledByteBufAllocator.DEFAULT)
            .option(ChannelOption.RECVBUF_ALLOCATOR, new FixedRecvByteBufAllocator(REPLIES))
            .handler(link)
            .connect(next)
            .addListener(
                made -> {
                  if (!made.isSuccess()) {
                    link.onRefused();
                  }
                });
  }

  @Override
  public void close() throws IOException {
    forwarders.forEach((loop, forwarder) -> loop.execute(forwarder::close));
    var _ =
        loops
            .shutdownGracefully(0, CLOSE_SECONDS, TimeUnit.SECONDS)
            .awaitUninterruptibly(CLOSE_SECONDS, TimeUnit.SECONDS);
    committer.close();
  }
}
