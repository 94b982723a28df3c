package org.flywheelmta.sim;

import io.netty.channel.Channel;
import io.netty.channel.ServerChannel;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import org.flywheelmta.base.ConcurrentThreadSafe;
import org.flywheelmta.net.Network;
import org.flywheelmta.scheduler.Scheduler;

/** A machine's door to the simulated network. It knows internet addresses alone. */
@ConcurrentThreadSafe
public final class SimNetwork implements Network {
  private final SimPlatform machine;

  SimNetwork(SimPlatform machine) {
    this.machine = machine;
  }

  @Override
  public ServerChannel serverChannel(Scheduler scheduler, SocketAddress address) {
    checkInternet(address);
    return new SimServerChannel(machine);
  }

  @Override
  public Channel channel(Scheduler scheduler, SocketAddress remote) {
    checkInternet(remote);
    return new SimChannel(machine);
  }

  /** The address that a connection to {@code remote} comes from when none was bound. */
  static InetSocketAddress sourceFor(SimPlatform machine, InetSocketAddress remote) {
    boolean outside = !remote.getAddress().isLoopbackAddress() && !machine.addresses().isEmpty();
    var source = outside ? machine.addresses().getFirst() : InetAddress.getLoopbackAddress();
    return new InetSocketAddress(source, machine.world().wire().ephemeralPort());
  }

  private static void checkInternet(SocketAddress address) {
    if (!(address instanceof InetSocketAddress)) {
      throw new UnsupportedOperationException(address + " is no internet address");
    }
  }
}
