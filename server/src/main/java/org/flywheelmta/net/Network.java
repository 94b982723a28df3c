package org.flywheelmta.net;

import io.netty.channel.Channel;
import io.netty.channel.ServerChannel;
import java.net.InetAddress;
import java.net.SocketAddress;
import java.util.List;
import org.flywheelmta.base.ConcurrentThreadSafe;
import org.flywheelmta.scheduler.Scheduler;

/** The one door to sockets: which channels are opened on a scheduler's loop. */
@ConcurrentThreadSafe
public interface Network {
  /** An unregistered listening channel for the scheduler's loop. */
  ServerChannel serverChannel(Scheduler scheduler, SocketAddress address);

  /** An unregistered outgoing channel for the scheduler's loop. */
  Channel channel(Scheduler scheduler, SocketAddress remote);

  /** The addresses of this machine; asks the system, so not to be called on a scheduler. */
  default List<InetAddress> addresses() {
    return List.of();
  }

  /** Prepares a channel that was just accepted and not registered yet. */
  default void onAccepted(Channel child) {}
}
