package org.flywheelmta.net;

import io.netty.buffer.PooledByteBufAllocator;
import io.netty.channel.Channel;
import io.netty.channel.ChannelOption;
import io.netty.channel.ServerChannel;
import io.netty.channel.epoll.EpollServerSocketChannel;
import io.netty.channel.epoll.EpollSocketChannel;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.channel.socket.nio.NioSocketChannel;
import io.netty.channel.uring.IoUringServerSocketChannel;
import io.netty.channel.uring.IoUringSocketChannel;
import java.net.InetAddress;
import java.net.NetworkInterface;
import java.net.SocketAddress;
import java.net.SocketException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.flywheelmta.base.ReadOnlyThreadSafe;
import org.flywheelmta.scheduler.IoEngine;
import org.flywheelmta.scheduler.Scheduler;

/** The machine's sockets, of the kind that the schedulers' I/O engine serves. */
@ReadOnlyThreadSafe
public final class SocketNetwork implements Network {
  private final IoEngine engine;

  public SocketNetwork(IoEngine engine) {
    this.engine = engine;
  }

  @Override
  public ServerChannel serverChannel(Scheduler scheduler, SocketAddress address) {
    ServerChannel channel =
        switch (engine) {
          case EPOLL -> new EpollServerSocketChannel();
          case IO_URING -> new IoUringServerSocketChannel();
          case NIO -> new NioServerSocketChannel();
        };
    channel.config().setOption(ChannelOption.SO_REUSEADDR, true);
    return channel;
  }

  @Override
  public Channel channel(Scheduler scheduler, SocketAddress remote) {
    Channel channel =
        switch (engine) {
          case EPOLL -> new EpollSocketChannel();
          case IO_URING -> new IoUringSocketChannel();
          case NIO -> new NioSocketChannel();
        };
    prepare(channel);
    return channel;
  }

  @Override
  public List<InetAddress> addresses() {
    var addresses = new ArrayList<InetAddress>();
    try {
      for (var face : Collections.list(NetworkInterface.getNetworkInterfaces())) {
        addresses.addAll(Collections.list(face.getInetAddresses()));
      }
    } catch (SocketException unreadable) {
      // Where the system does not say, loops are found by our name alone.
      return List.of();
    }
    return List.copyOf(addresses);
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
