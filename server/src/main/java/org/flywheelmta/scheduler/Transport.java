package org.flywheelmta.scheduler;

import io.netty.channel.IoHandlerFactory;
import io.netty.channel.epoll.Epoll;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.nio.NioIoHandler;

/** How schedulers wait for I/O. */
public enum Transport {
  /** Linux epoll through Netty's native library. */
  EPOLL,
  /** The JDK's selector; works everywhere. */
  NIO;

  /** The fastest that this machine has. */
  public static Transport best() {
    return Epoll.isAvailable() ? EPOLL : NIO;
  }

  IoHandlerFactory ioHandlerFactory() {
    return switch (this) {
      case EPOLL -> EpollIoHandler.newFactory();
      case NIO -> NioIoHandler.newFactory();
    };
  }
}
