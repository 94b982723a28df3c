package org.flywheelmta.sim;

import java.net.BindException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;
import java.util.random.RandomGenerator;
import org.flywheelmta.base.NonThreadSafe;
import org.jspecify.annotations.Nullable;

/**
 * The network between the machines of a world: who listens where, how each address is reached, and
 * the connections that there are. Loopback addresses are shared by all machines.
 */
@NonThreadSafe
public final class SimWire {
  private static final int FIRST_EPHEMERAL_PORT = 32_768;
  private static final int LAST_EPHEMERAL_PORT = 60_999;

  private final SimWorld world;
  private final RandomGenerator random;
  private final Map<InetSocketAddress, SimServerChannel> listeners = new LinkedHashMap<>();
  private final Map<InetSocketAddress, Link> links = new LinkedHashMap<>();
  private final Set<SimChannel> connected = new LinkedHashSet<>();
  private final Set<InetAddress> unroutable = new LinkedHashSet<>();
  private final Map<InetSocketAddress, Integer> attempts = new LinkedHashMap<>();
  private Link defaultLink = Link.fast();
  private int nextPort = FIRST_EPHEMERAL_PORT;
  private long channels;

  SimWire(SimWorld world, RandomGenerator random) {
    this.world = world;
    this.random = random;
  }

  SimWorld world() {
    return world;
  }

  RandomGenerator random() {
    return random;
  }

  /** Sets how connections to addresses without a link of their own behave. */
  public void defaultLink(Link link) {
    defaultLink = link;
  }

  /** Sets how connections to {@code remote} behave from now on. */
  public void link(InetSocketAddress remote, Link link) {
    links.put(remote, link);
  }

  /** How a connection to {@code remote} behaves that begins now. */
  public Link linkTo(InetSocketAddress remote) {
    return links.getOrDefault(remote, defaultLink);
  }

  /** From now on nobody has a route to {@code address}: attempts fail at once. */
  public void cutOff(InetAddress address) {
    unroutable.add(address);
  }

  boolean isCutOff(InetAddress address) {
    return unroutable.contains(address);
  }

  void countAttempt(InetSocketAddress target) {
    attempts.merge(target, 1, Integer::sum);
  }

  /** How many attempts to connect to {@code target} were made. */
  int attempts(InetSocketAddress target) {
    return attempts.getOrDefault(target, 0);
  }

  /** How many ends of connections are open, on all machines. */
  public int openEnds() {
    return connected.size();
  }

  /**
   * Resets the connections whose outgoing end went to an address that {@code remote} accepts;
   * returns how many.
   */
  public int reset(Predicate<InetSocketAddress> remote) {
    int reset = 0;
    for (var channel : new ArrayList<>(connected)) {
      if (channel.parent() == null && remote.test(channel.remote())) {
        channel.resetByNetwork();
        reset++;
      }
    }
    return reset;
  }

  SimChannelId nextChannel() {
    return new SimChannelId(++channels);
  }

  InetSocketAddress listen(SimServerChannel channel, InetSocketAddress wanted)
      throws BindException {
    int port = wanted.getPort() == 0 ? ephemeralPort() : wanted.getPort();
    var address = new InetSocketAddress(wanted.getAddress(), port);
    var present = listeners.get(address);
    if (present != null) {
      throw new BindException("Address already in use");
    }
    listeners.put(address, channel);
    return address;
  }

  void stopListening(SimServerChannel channel) {
    listeners.values().remove(channel);
  }

  int ephemeralPort() {
    int port = nextPort;
    nextPort = port == LAST_EPHEMERAL_PORT ? FIRST_EPHEMERAL_PORT : port + 1;
    return port;
  }

  @Nullable SimServerChannel listenerAt(InetSocketAddress address) {
    var exact = listeners.get(address);
    if (exact != null) {
      return exact;
    }
    for (var entry : listeners.entrySet()) {
      var bound = entry.getKey();
      if (bound.getPort() == address.getPort()
          && bound.getAddress().isAnyLocalAddress()
          && reaches(entry.getValue().machine(), address.getAddress())) {
        return entry.getValue();
      }
    }
    return null;
  }

  private static boolean reaches(SimPlatform machine, InetAddress address) {
    return address.isLoopbackAddress() || machine.addresses().contains(address);
  }

  /** True when nobody answers for the address, not even with a refusal. */
  boolean isVoid(InetAddress address) {
    return !address.isLoopbackAddress() && !world.isReachable(address);
  }

  long latency(Link link) {
    long spread = link.mostLatencyNanos() - link.leastLatencyNanos();
    return link.leastLatencyNanos() + (spread <= 0 ? 0 : random.nextLong(spread + 1));
  }

  void opened(SimChannel channel) {
    connected.add(channel);
  }

  void closed(SimChannel channel) {
    connected.remove(channel);
  }

  void machineGone(SimPlatform machine, boolean silently) {
    listeners.values().removeIf(listener -> listener.machine() == machine);
    for (var channel : new ArrayList<>(connected)) {
      if (channel.machine() == machine) {
        connected.remove(channel);
        if (silently) {
          channel.forsaken();
        } else {
          channel.closedByKernel();
        }
      }
    }
  }
}
