package org.flywheelmta.sim;

import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import java.util.random.RandomGenerator;
import org.flywheelmta.base.NonThreadSafe;
import org.flywheelmta.scheduler.Scheduler;

/**
 * A host that takes mail for domains: its addresses, its manners, and what is wrong with it now. It
 * refuses the recipients of {@link SimMail#isRefusedForGood} always, and puts those of {@link
 * SimMail#isPutOff} off until it is healed.
 */
@NonThreadSafe
final class MxHost implements SinkScript {
  /** What is wrong with a host for a while. */
  enum Trouble {
    NONE,
    REFUSES,
    VANISHES,
    RESETS,
    STALLS,
    SILENT,
    BUSY
  }

  /**
   * What a host is like.
   *
   * @param greylistNanos for how long it puts a recipient off that it has not seen before; 0: not
   * @param cap how many connections it bears
   * @param link the way to it
   */
  record Manners(long greylistNanos, int cap, Link link) {}

  private static final long SECOND = 1_000_000_000L;
  private static final int SLOW_ONE_IN = 40;

  private final SimWorld world;
  private final RandomGenerator random;
  private final String name;
  private final Manners manners;
  private final List<InetSocketAddress> addresses;
  private final List<SimSmtpSink> sinks = new ArrayList<>();
  private final Map<String, Long> firstSeen = new HashMap<>();
  private Trouble trouble = Trouble.NONE;
  private int troubled;
  private int attemptsBefore;
  private boolean healed;

  MxHost(SimWorld world, String name, Manners manners, List<InetSocketAddress> addresses) {
    this.world = world;
    this.random = world.random();
    this.name = name;
    this.manners = manners;
    this.addresses = List.copyOf(addresses);
  }

  /**
   * Begins to listen.
   *
   * @param onTaken told of what it takes on
   * @param onRefused told of whom it refuses for good
   * @param watcher told after each connection and recipient that it accepts
   */
  void open(
      SimPlatform machine,
      Scheduler scheduler,
      BiConsumer<MxHost, List<SimSmtpSink.Delivery>> onTaken,
      Consumer<String> onRefused,
      Runnable watcher) {
    for (var address : addresses) {
      var sink = new SimSmtpSink(machine, scheduler, address, this);
      sink.onTaken(taken -> onTaken.accept(this, taken));
      sink.onRefused(onRefused);
      sink.watch(watcher);
      sinks.add(sink);
      world.wire().link(address, manners.link());
    }
  }

  String name() {
    return name;
  }

  List<InetSocketAddress> addresses() {
    return addresses;
  }

  /** The sessions whose other end is open too. */
  List<SinkSession> sessions() {
    return sinks.stream().flatMap(sink -> sink.held().stream()).toList();
  }

  /** How many attempts to connect to it were made. */
  int attempts() {
    return addresses.stream().mapToInt(world.wire()::attempts).sum();
  }

  boolean isTroubled() {
    return trouble != Trouble.NONE;
  }

  /** From now on it has this trouble. */
  void begin(Trouble next) {
    trouble = next;
    troubled = 0;
    attemptsBefore = attempts();
    switch (next) {
      case REFUSES -> goAway(manners.link().refused());
      case VANISHES -> goAway(manners.link().vanishing());
      case NONE, RESETS, STALLS, SILENT, BUSY -> {}
    }
  }

  private void goAway(Link link) {
    addresses.forEach(address -> world.wire().link(address, link));
    int reset = world.wire().reset(addresses::contains);
    for (int i = 0; i < reset; i++) {
      world.faults().fire(Fault.CONNECTION_RESET);
    }
  }

  /** Whether somebody has met the trouble that it has. */
  boolean hasTroubled() {
    return troubled > 0
        || ((trouble == Trouble.REFUSES || trouble == Trouble.VANISHES)
            && attempts() > attemptsBefore);
  }

  void endTrouble() {
    trouble = Trouble.NONE;
    addresses.forEach(address -> world.wire().link(address, manners.link()));
  }

  /** It has no trouble any more, and takes whatever comes. */
  void heal() {
    healed = true;
    endTrouble();
  }

  @Override
  public Act act(Stage stage, String argument, long nowNanos) {
    boolean slow = !healed && !isTroubled() && stage != Stage.BODY;
    if (slow && random.nextInt(SLOW_ONE_IN) == 0) {
      return new Slow(random.nextLong(20 * SECOND), promptly(stage, argument, nowNanos));
    }
    return promptly(stage, argument, nowNanos);
  }

  private Act promptly(Stage stage, String argument, long nowNanos) {
    return switch (stage) {
      case CONNECT -> onConnect();
      case RCPT -> onRecipient(argument, nowNanos);
      case BODY -> onBody();
      case DOT -> onEnd();
      case EHLO, MAIL, DATA, QUIT -> new Accept();
    };
  }

  private Act onConnect() {
    if (trouble == Trouble.BUSY) {
      troubled++;
      world.faults().fire(Fault.GATEWAY_BUSY);
      return new Reply("421 4.3.2 not now");
    }
    if (!healed && sessions().size() > manners.cap()) {
      world.faults().fire(Fault.GATEWAY_FULL);
      return new Reply("421 4.7.0 too many connections");
    }
    return new Accept();
  }

  private Act onRecipient(String recipient, long nowNanos) {
    if (SimMail.isRefusedForGood(recipient)) {
      return new Reply("550 5.1.1 nobody of that name");
    }
    if (healed) {
      return new Accept();
    }
    if (SimMail.isPutOff(recipient)) {
      world.faults().fire(Fault.MAILBOX_FULL);
      return new Reply("452 4.2.2 mailbox full");
    }
    long first = firstSeen.computeIfAbsent(recipient, _ -> nowNanos);
    if (nowNanos - first < manners.greylistNanos()) {
      world.faults().fire(Fault.GREYLISTED);
      return new Reply("450 4.2.0 come again");
    }
    return new Accept();
  }

  private Act onBody() {
    if (trouble == Trouble.RESETS) {
      troubled++;
      return new Reset();
    }
    if (trouble == Trouble.STALLS) {
      troubled++;
      return new Stall(random.nextLong(90 * SECOND));
    }
    return new Accept();
  }

  private Act onEnd() {
    if (trouble != Trouble.SILENT) {
      return new Accept();
    }
    troubled++;
    return random.nextBoolean() ? new TakeAndVanish() : new Silence();
  }

  @Override
  public String toString() {
    return name;
  }
}
