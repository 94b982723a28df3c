package org.flywheelmta.net;

import io.netty.buffer.PooledByteBufAllocator;
import io.netty.channel.Channel;
import io.netty.channel.ChannelOption;
import io.netty.channel.ServerChannel;
import io.netty.channel.epoll.EpollServerSocketChannel;
import io.netty.channel.epoll.EpollSocketChannel;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.channel.socket.nio.NioSocketChannel;
import java.net.SocketAddress;
import org.flywheelmta.base.ReadOnlyThreadSafe;
import org.flywheelmta.scheduler.Scheduler;
import org.flywheelmta.scheduler.Transport;

/** The machine's sockets, of the kind that the schedulers' transport serves. */
@ReadOnlyThreadSafe
public final class SocketNetwork implements Network {
  private final Transport transport;

  public SocketNetwork(Transport transport) {
    this.transport = transport;
  }

  @Override
  public ServerChannel serverChannel(Scheduler scheduler, SocketAddress address) {
    ServerChannel channel =
        switch (transport) {
          case EPOLL -> new EpollServerSocketChannel();
          case NIO -> new NioServerSocketChannel();
        };
    channel.config().setOption(ChannelOption.SO_REUSEADDR, true);
    return channel;
  }

  @Override
  public Channel channel(Scheduler scheduler, SocketAddress remote) {
    Channel channel =
        switch (transport) {
          case EPOLL -> new EpollSocketChannel();
          case NIO -> new NioSocketChannel();
        };
    prepare(channel);
    return channel;
  }

  @Override
  public void onAccepted(Channel child) {
    prepare(child);
  }

  private static void prepare(Channel channel) {
    channel.config().setOption(ChannelOption.TCP_NODELAY, true);
    channel.config().setAllocator(PooledByteBufAllocator.DEFAULT);
  }
}
