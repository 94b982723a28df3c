package org.flywheelmta.sim;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import org.flywheelmta.base.NonThreadSafe;
import org.flywheelmta.disk.SimDisk;

/**
 * A server's hard days: mails come in while the gateway fails and recovers, connections break and
 * the machine loses its power; then the trouble ends and everything must be delivered.
 */
@NonThreadSafe
public final class SimScenario {
  private static final long SECOND = 1_000_000_000L;
  private static final InetSocketAddress SERVER =
      new InetSocketAddress(InetAddress.getLoopbackAddress(), 2525);
  private static final InetSocketAddress GATEWAY =
      new InetSocketAddress(InetAddress.getLoopbackAddress(), 2600);

  /**
   * What happens.
   *
   * @param mails how many are sent
   * @param recipients the most that one has
   * @param crashes how often the server's machine fails
   * @param troubleOneIn how rare the gateway's trouble is, per command
   * @param troubleSeconds for how long there is trouble; mails are sent in this time too
   * @param drainSeconds how long the server may take for the rest when there is none any more
   * @param outcomeWindowNanos how old an answer is at a crash that the server may have forgotten
   */
  public record Plan(
      int mails,
      int recipients,
      int crashes,
      int troubleOneIn,
      long troubleSeconds,
      long drainSeconds,
      long outcomeWindowNanos) {
    /** An hour of trouble with three power cuts. */
    public static Plan hour() {
      return new Plan(60, 3, 3, 12, 3600, 6 * 3600, SECOND / 5);
    }
  }

  private final SimWorld world;
  private final Plan plan;
  private final ServerUnderTest.Start start;
  private final SimDisk disk = new SimDisk();
  private final Ledger ledger = new Ledger();
  private final List<Long> crashNanos = new ArrayList<>();
  private final SimSmtpSink sink;
  private final SimSmtpClient client;
  private SimPlatform machine;
  private ServerUnderTest server;
  private int nextMail;
  private boolean killed;

  /** Starts the first life of a server. */
  public SimScenario(SimWorld world, Plan plan, ServerUnderTest.Start start) {
    this.world = world;
    this.plan = plan;
    this.start = start;
    var outside = world.machine("outside");
    long troubleEnds = world.clock().nanoTime() + plan.troubleSeconds * SECOND;
    this.sink =
        new SimSmtpSink(
            outside, GATEWAY, SinkScript.troubled(world.random(), plan.troubleOneIn, troubleEnds));
    this.client = new SimSmtpClient(outside, SERVER, ledger);
    this.machine = world.machine("server");
    machine.attach(disk);
    this.server = start.start(machine, disk, SERVER, GATEWAY);
    world.invariant(this::check);
  }

  private void check() {
    if (machine.up()) {
      server.checkInvariants();
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

  /** The life of the server that is on now. */
  public SimPlatform machine() {
    return machine;
  }

  /**
   * Runs the plan and judges.
   *
   * @throws SimFailure when a step goes wrong, or something is still waiting at the end
   */
  public Verdict run() {
    long span = plan.troubleSeconds * SECOND;
    for (int sent = 0; sent < plan.mails; ) {
      int count = Math.min(plan.mails - sent, 1 + world.random().nextInt(5));
      var mails = mails(count);
      boolean pipelined = world.random().nextBoolean();
      world.after(world.random().nextLong(span), "send", () -> send(mails, pipelined));
      sent += count;
    }
    for (int i = 0; i < plan.crashes; i++) {
      world.after(world.random().nextLong(span), "crash", this::crash);
    }
    troubleWithGateway(span);
    world.after(span, "trouble ends", this::heal);
    long end = world.clock().nanoTime() + span;
    while (world.clock().nanoTime() < end) {
      // A power cut at a disk operation takes the machine down without the scenario's doing.
      boolean down = world.runUntil(() -> !machine.up(), end - world.clock().nanoTime());
      if (down) {
        crashNanos.add(world.clock().nanoTime());
        world.run(1 + world.random().nextLong(30 * SECOND));
        restart();
      }
    }
    long drainEnd = world.clock().nanoTime() + plan.drainSeconds * SECOND;
    boolean drained = false;
    while (!drained && world.clock().nanoTime() < drainEnd) {
      // A power cut that was to come at a disk operation may come only now.
      world.runUntil(() -> !machine.up() || drained(), drainEnd - world.clock().nanoTime());
      if (machine.up()) {
        drained = drained();
      } else {
        crashNanos.add(world.clock().nanoTime());
        restart();
      }
    }
    if (!drained) {
      throw world.failure(
          server.waiting() + " messages are still waiting after all trouble has ended", null);
    }
    // Whatever comes after the last message must not bring one back.
    world.run(3600 * SECOND);
    return Verdict.judge(ledger, sink, crashNanos, plan.outcomeWindowNanos);
  }

  private boolean drained() {
    return client.idle() && server.waiting() == 0;
  }

  private List<SimMail> mails(int count) {
    var mails = new ArrayList<SimMail>();
    for (int i = 0; i < count; i++) {
      int recipients = 1 + world.random().nextInt(plan.recipients);
      mails.add(SimMail.random(++nextMail, recipients, "example.com", world.random()));
    }
    return mails;
  }

  private void send(List<SimMail> mails, boolean pipelined) {
    client.send(
        mails,
        pipelined,
        unsent -> {
          if (!unsent.isEmpty()) {
            long pause = SECOND + world.random().nextLong(60 * SECOND);
            world.after(pause, "send again", () -> send(unsent, pipelined));
          }
        });
  }

  private void troubleWithGateway(long span) {
    for (int i = 0; i < 3; i++) {
      long at = world.random().nextLong(span);
      var link = Link.fast().withSegmentBytes(1 + world.random().nextInt(2000));
      var bad = world.random().nextBoolean() ? link.refused() : link.vanishing();
      world.after(at, "gateway gone", () -> world.wire().link(GATEWAY, bad));
      world.after(
          Math.min(span, at + world.random().nextLong(span / 4)),
          "gateway back",
          () -> world.wire().link(GATEWAY, link));
      world.after(world.random().nextLong(span), "reset", () -> world.wire().reset(remote -> true));
    }
  }

  private void heal() {
    sink.script(SinkScript.well());
    world.wire().link(GATEWAY, Link.fast());
    world.wire().link(SERVER, Link.fast());
  }

  private void crash() {
    if (!machine.up()) {
      return;
    }
    switch (world.random().nextInt(3)) {
      case 0 -> killed();
      case 1 -> machine.cutPower();
      // In the middle of something that is written or forced, a little later.
      default -> disk.cutPowerAt(disk.operations() + 1 + world.random().nextInt(20));
    }
  }

  private void killed() {
    killed = true;
    machine.kill();
  }

  private void restart() {
    if (killed) {
      disk.killProcess();
    } else {
      var modes = SimDisk.CrashMode.values();
      disk.crash(modes[world.random().nextInt(modes.length)], world.random());
    }
    killed = false;
    machine = world.machine("server");
    machine.attach(disk);
    server = start.start(machine, disk, SERVER, GATEWAY);
  }
}
