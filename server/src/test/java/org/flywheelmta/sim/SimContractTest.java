package org.flywheelmta.sim;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.channel.Channel;
import io.netty.channel.ChannelOption;
import io.netty.channel.ServerChannel;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.random.RandomGenerator;
import java.util.stream.LongStream;
import org.flywheelmta.net.Network;
import org.flywheelmta.net.SocketNetwork;
import org.flywheelmta.scheduler.IoEngine;
import org.flywheelmta.scheduler.Scheduler;
import org.flywheelmta.scheduler.ThreadPlatform;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The same handlers over the simulated network and over sockets see the same. */
@Timeout(60)
class SimContractTest {
  private static final long MINUTE = 60_000_000_000L;
  private static final InetSocketAddress ANY_PORT =
      new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
  // More than the buffers of a kernel's socket hold when they are kept small.
  private static final int BIG_LINE = 1 << 20;
  private static final int SMALL_BUFFER = 16 << 10;

  static LongStream seeds() {
    return Seeds.upTo(20);
  }

  private static String text(RandomGenerator random, int lines, int length) {
    var text = new StringBuilder();
    for (int i = 0; i < lines; i++) {
      text.repeat('a' + random.nextInt(16), random.nextInt(length)).append("\r\n");
    }
    return text.append("quit\r\n").toString();
  }

  private static String expected(String state, String text) {
    var lines = new StringBuilder("active " + state + "inactive\n5 hello\r\n");
    text.lines()
        .forEach(line -> lines.append(line.length()).append(' ').append(line).append("\r\n"));
    return lines.toString();
  }

  private static String simulated(long seed, Link link, String text) {
    var world = new SimWorld(seed, SimContractTest.class);
    world.wire().defaultLink(link);
    var machine = world.machine("server");
    var outside = world.machine("outside");
    var client = outside.schedulers("client", 1).getFirst();
    var stories = new ArrayList<String>();
    LineServer.start(
        machine.network(),
        machine.schedulers("events", 3),
        ANY_PORT,
        bound -> LineClient.start(outside.network(), client, bound, text, stories::add));
    boolean ended = world.runUntil(() -> !stories.isEmpty(), 100 * MINUTE);
    assertThat(ended).as("seed %d ends", seed).isTrue();
    world.run(MINUTE);
    assertThat(world.wire().openEnds()).as("open ends").isZero();
    assertThat(machine.bytesHeld()).as("bytes held").isZero();
    assertThat(outside.bytesHeld()).as("bytes held").isZero();
    return stories.getFirst();
  }

  private static String overSockets(IoEngine engine, String text) throws Exception {
    var faults = new CompletableFuture<Throwable>();
    try (var platform = new ThreadPlatform(engine, (where, fault) -> faults.complete(fault))) {
      var network = new SmallBuffers(new SocketNetwork(engine));
      var schedulers = platform.schedulers("events", 3);
      var story = new CompletableFuture<String>();
      LineServer.start(
          network,
          schedulers,
          ANY_PORT,
          bound -> LineClient.start(network, schedulers.getLast(), bound, text, story::complete));
      return story.get(20, TimeUnit.SECONDS);
    }
  }

  /** Sockets whose kernel buffers are about as large as a simulated window. */
  private record SmallBuffers(Network network) implements Network {
    @Override
    public ServerChannel serverChannel(Scheduler scheduler, SocketAddress address) {
      var channel = network.serverChannel(scheduler, address);
      channel.config().setOption(ChannelOption.SO_RCVBUF, SMALL_BUFFER);
      return channel;
    }

    @Override
    public Channel channel(Scheduler scheduler, SocketAddress remote) {
      var channel = network.channel(scheduler, remote);
      channel.config().setOption(ChannelOption.SO_SNDBUF, SMALL_BUFFER);
      return channel;
    }

    @Override
    public void onAccepted(Channel child) {
      network.onAccepted(child);
    }
  }

  @ParameterizedTest
  @MethodSource("seeds")
  void simulatedNetworkCarriesEveryLine(long seed) {
    var random = new SplittableRandom(seed);
    var text = text(random, 40, 300);
    var link = random.nextBoolean() ? Link.tiny() : Link.fast();
    assertThat(sorted(simulated(seed, link, text)))
        .isEqualTo(sorted(expected("written writable ", text)));
  }

  /** Whether the write ends before or after the next statement is the I/O engine's business. */
  private static String sorted(String story) {
    return story.replace("written writable", "writable written");
  }

  @ParameterizedTest
  @MethodSource("org.flywheelmta.scheduler.Engines#underTest")
  @Tag("sockets")
  void socketsCarryEveryLineLikewise(IoEngine engine) throws Exception {
    var text = text(new SplittableRandom(7), 40, 300);
    assertThat(sorted(overSockets(engine, text)))
        .isEqualTo(sorted(simulated(7, Link.fast(), text)));
  }

  @ParameterizedTest
  @MethodSource("org.flywheelmta.scheduler.Engines#underTest")
  @Tag("sockets")
  void bigLineFillsTheWindowAndGoesOnLater(IoEngine engine) throws Exception {
    var text = "b".repeat(BIG_LINE) + "\r\nquit\r\n";
    var story = overSockets(engine, text);
    assertThat(story.equals(simulated(3, Link.fast(), text))).isTrue();
    assertThat(story).startsWith("active full written inactive");
  }

  @ParameterizedTest
  @MethodSource("org.flywheelmta.scheduler.Engines#underTest")
  @Tag("sockets")
  void portWithoutListenerRefuses(IoEngine engine) throws Exception {
    var free = freePort();
    try (var platform = new ThreadPlatform(engine, (where, fault) -> {})) {
      var story = new CompletableFuture<String>();
      var scheduler = platform.schedulers("events", 1).getFirst();
      LineClient.start(new SocketNetwork(engine), scheduler, free, "", story::complete);
      assertThat(story.get(20, TimeUnit.SECONDS)).isEqualTo("no connection");
    }
    assertThat(attempt(Link.fast(), MINUTE)).containsExactly("no connection");
  }

  private static InetSocketAddress freePort() throws Exception {
    try (var socket = new java.net.ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return (InetSocketAddress) socket.getLocalSocketAddress();
    }
  }

  private static List<String> attempt(Link link, long nanos) {
    var world = new SimWorld(1, SimContractTest.class);
    var outside = world.machine("outside");
    var target = new InetSocketAddress(InetAddress.getLoopbackAddress(), 9);
    world.wire().link(target, link);
    var stories = new ArrayList<String>();
    var scheduler = outside.schedulers("client", 1).getFirst();
    LineClient.start(outside.network(), scheduler, target, "", stories::add);
    world.run(nanos);
    return stories;
  }

  @Test
  void attemptIntoABlackHoleTimesOutAfterItsTime() {
    // Netty's default is 30 seconds.
    assertThat(attempt(Link.fast().vanishing(), MINUTE / 2 - 1_000_000)).isEmpty();
    assertThat(attempt(Link.fast().vanishing(), MINUTE / 2 + 1_000_000))
        .containsExactly("no connection");
  }

  @ParameterizedTest
  @MethodSource("seeds")
  void resetInTheMiddleOfAStreamIsSeenByBothEnds(long seed) {
    var text = text(new SplittableRandom(seed), 400, 3000);
    var story = simulated(seed, Link.fast().withResetChance(0.02), text);
    assertThat(story).contains("reset ");
    assertThat(expected("", text)).contains(story.substring(story.indexOf('\n') + 1));
  }
}
