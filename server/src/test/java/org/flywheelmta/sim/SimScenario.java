package org.flywheelmta.sim;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.random.RandomGenerator;
import org.flywheelmta.base.NonThreadSafe;
import org.flywheelmta.disk.SimDisk;

/**
 * A server's hard days: mails come in while the gateway fails and recovers, connections break, the
 * clock is set and the machine loses its power; then the trouble ends and everything must be
 * delivered.
 */
@NonThreadSafe
public final class SimScenario {
  private static final long MILLISECOND = 1_000_000L;
  private static final long SECOND = 1_000_000_000L;
  private static final InetSocketAddress SERVER =
      new InetSocketAddress(InetAddress.getLoopbackAddress(), 2525);
  private static final InetSocketAddress GATEWAY =
      new InetSocketAddress(InetAddress.getLoopbackAddress(), 2600);

  private final SimWorld world;
  private final RandomGenerator random;
  private final Plan plan;
  private final SimDisk disk = new SimDisk();
  private final OwedLedger ledger = new OwedLedger(recipient -> onAcknowledged());
  private final GatewayTroubles gateway;
  private final SimSmtpSink sink;
  private final SimSmtpClient client;
  private final ServerLives lives;
  private final List<Long> bursts = new ArrayList<>();
  private int nextMail;
  private int paused;
  private int gone;
  private boolean healed;

  /** Starts the first life of a server. */
  public SimScenario(SimWorld world, Plan plan, ServerUnderTest.Start start) {
    this.world = world;
    this.random = world.random();
    this.plan = plan;
    var outside = world.machine("outside");
    long troubleEnds = world.clock().nanoTime() + plan.troubleSeconds() * SECOND;
    this.gateway =
        new GatewayTroubles(random, plan.troubleOneIn(), troubleEnds, plan.sessions() > 1);
    this.sink = new SimSmtpSink(outside, GATEWAY, gateway);
    this.client = new SimSmtpClient(outside, SERVER, ledger);
    sink.onTaken(this::onTaken);
    sink.onRefused(this::onRefused);
    disk.tearBlocks(random.nextBoolean());
    this.lives = new ServerLives(world, disk, plan.powerCuts(), start, SERVER, GATEWAY);
    plan.expectIn(world.faults());
    world.invariant(this::check);
    world.restingInvariant(this::checkAtRest);
  }

  private void onRefused(String recipient) {
    ledger.fail(recipient);
    lives.onRefused();
  }

  private void onTaken(List<SimSmtpSink.Delivery> taken) {
    taken.forEach(ledger::take);
    lives.onDelivered();
  }

  private void onAcknowledged() {
    lives.onAcknowledged();
  }

  private void check() {
    if (!lives.up()) {
      return;
    }
    lives.server().checkInvariants();
    var there = lives.server().waitingRecipients();
    if (there != null) {
      ledger.check(there);
    }
  }

  private void checkAtRest() {
    if (!lives.up()) {
      return;
    }
    lives.server().checkAtRest();
    if (world.isAtRestForEver() && lives.server().waiting() > 0) {
      throw new AssertionError(
          lives.server().waiting() + " messages wait for nothing, and nothing will ever happen");
    }
  }

  /** The server machine's disk. */
  public SimDisk disk() {
    return disk;
  }

  /** What the gateway took on. */
  public SimSmtpSink sink() {
    return sink;
  }

  /** What the senders know. */
  public Ledger ledger() {
    return ledger;
  }

  /** What happened, in one line. */
  public String story() {
    return ledger.acknowledgedMails()
        + " mails acknowledged, "
        + ledger.notifications()
        + " notifications, "
        + client.mostSessions()
        + " sessions at once, "
        + world.steps()
        + " steps; "
        + world.faults();
  }

  /**
   * Runs the plan and judges.
   *
   * @throws SimFailure when a step goes wrong, a kind of trouble that was due did not come, or
   *     something is still waiting at the end
   */
  public Verdict run() {
    if (plan.sessions() > 1) {
      client.demandReplies();
    }
    long span = plan.troubleSeconds() * SECOND;
    long end = world.clock().nanoTime() + span;
    planBursts(span);
    planTroubleWithGateway(span);
    world.after(span, "trouble ends", this::heal);
    lives.live(end);
    while (ledger.acknowledgedMails() < plan.mails()) {
      burst(0);
      awaitDrained();
    }
    awaitDrained();
    // Whatever comes after the last message must not bring one back.
    world.run(3600 * SECOND);
    checkDue();
    return Verdict.judge(ledger, Arrivals.at(sink), lives.crashes());
  }

  private void awaitDrained() {
    if (!lives.liveUntil(this::drained, world.clock().nanoTime() + plan.drainSeconds() * SECOND)) {
      throw world.failure(
          lives.server().waiting() + " messages are still waiting after all trouble has ended",
          null);
    }
  }

  private void checkDue() {
    var missing = world.faults().missing();
    if (!missing.isEmpty()) {
      throw world.failure("what was due did not happen: " + missing, null);
    }
    if (client.mostSessions() < plan.sessions()) {
      throw world.failure("at most " + client.mostSessions() + " sessions were open at once", null);
    }
  }

  private boolean drained() {
    return client.idle() && paused == 0 && lives.server().waiting() == 0;
  }

  /** Mails come in bursts, and most of what goes wrong goes wrong in one. */
  private void planBursts(long span) {
    int each = plan.sessions() * 3;
    for (int i = 0; i < plan.mails(); i += each) {
      bursts.add(random.nextLong(span * 9 / 10));
      burst(bursts.getLast());
    }
    for (int i = 0; i < plan.powerCuts(); i++) {
      world.after(inBurst(3 * SECOND), "power cut", lives::planPowerCut);
    }
    for (int i = 0; i < plan.kills(); i++) {
      world.after(inBurst(SECOND), "kill", lives::planKill);
    }
    for (int i = 0; i < plan.clockSteps(); i++) {
      world.after(random.nextLong(span), "clock", () -> world.stepWall(stepMicros()));
      world.after(random.nextLong(span), "clock", () -> world.stepWall(-stepMicros()));
    }
  }

  /** A time at which mails come. */
  private long inBurst(long withinNanos) {
    return bursts.get(random.nextInt(bursts.size())) + random.nextLong(withinNanos);
  }

  private long stepMicros() {
    long most = random.nextBoolean() ? 30_000_000L : 3_600_000_000L;
    return 1_000_000 + random.nextLong(most);
  }

  private void burst(long delayNanos) {
    int slow = random.nextInt(plan.sessions());
    for (int i = 0; i < plan.sessions(); i++) {
      var mails = mails(1 + random.nextInt(5));
      long pause = i == slow && plan.sessions() > 1 ? 1 + random.nextLong(8 * SECOND) : 0;
      var manner = new SimSmtpClient.Manner(random.nextBoolean(), pause);
      paused++;
      world.after(delayNanos + random.nextLong(MILLISECOND), "send", () -> send(mails, manner));
    }
    if (plan.sessions() > 1 && random.nextInt(3) == 0) {
      world.after(delayNanos + random.nextLong(3 * SECOND), "owed", lives::planPowerCutAgain);
    }
  }

  private List<SimMail> mails(int count) {
    var mails = new ArrayList<SimMail>();
    for (int i = 0; i < count; i++) {
      int recipients = 1 + random.nextInt(plan.recipients());
      int number = ++nextMail;
      boolean large = plan.largeOneIn() > 0 && number % plan.largeOneIn() == 0;
      mails.add(
          large
              ? SimMail.large(number, recipients, "example.com", random)
              : SimMail.random(number, recipients, "example.com", random));
      if (large) {
        world.faults().fire(Fault.LARGE_MAIL);
      }
    }
    return mails;
  }

  private void send(List<SimMail> mails, SimSmtpClient.Manner manner) {
    paused--;
    client.send(
        mails,
        manner,
        unsent -> {
          if (!unsent.isEmpty()) {
            long pause = SECOND + random.nextLong(60 * SECOND);
            paused++;
            world.after(pause, "send again", () -> send(unsent, manner));
          }
        });
  }

  private void planTroubleWithGateway(long span) {
    for (int i = 0; i < 3; i++) {
      var link = Link.fast().withSegmentBytes(300 + random.nextInt(4000));
      boolean refuses = i == 0 || random.nextBoolean();
      var bad = refuses ? link.refused() : link.vanishing();
      goAway(Math.max(0, inBurst(2 * SECOND) - SECOND), span, link, bad);
      world.after(inBurst(SECOND / 10), "reset", this::resetAll);
      world.after(inBurst(90 * SECOND), "reset", this::resetAll);
      if (plan.sessions() > 1) {
        world.after(random.nextLong(span / 2), "owe reset", gateway::oweReset);
        world.after(random.nextLong(span / 2), "owe silence", gateway::oweSilence);
        world.after(random.nextLong(span / 2), "owe stall", gateway::oweStall);
      }
    }
  }

  private void goAway(long at, long span, Link after, Link during) {
    world.after(
        at,
        "gateway gone",
        () -> {
          gone++;
          world.wire().link(GATEWAY, during);
          world.wire().reset(GATEWAY::equals);
        });
    long back = Math.min(span, at + 10 * SECOND + random.nextLong(span / 6));
    world.after(back, "gateway back", () -> comeBack(after, during));
  }

  /** One that was to refuse connections stays away until somebody has tried. */
  private void comeBack(Link after, Link during) {
    if (during.refusing() && !healed && world.faults().fired(Fault.GATEWAY_REFUSED) == 0) {
      world.wire().link(GATEWAY, during);
      world.after(SECOND, "gateway back", () -> comeBack(after, during));
      return;
    }
    gone--;
    if (gone == 0) {
      world.wire().link(GATEWAY, after);
    }
  }

  private void resetAll() {
    int reset = world.wire().reset(remote -> true);
    for (int i = 0; i < reset; i++) {
      world.faults().fire(Fault.CONNECTION_RESET);
    }
    if (reset == 0 && !healed) {
      // There was nothing to break: a moment later there may be.
      world.after(SECOND / 10 + random.nextLong(SECOND), "reset", this::resetAll);
    }
  }

  private void heal() {
    healed = true;
    gateway.heal();
    world.wire().link(GATEWAY, Link.fast());
    world.wire().link(SERVER, Link.fast());
  }
}
