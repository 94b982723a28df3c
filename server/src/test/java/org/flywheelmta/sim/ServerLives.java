package org.flywheelmta.sim;

import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.function.BooleanSupplier;
import java.util.random.RandomGenerator;
import org.flywheelmta.base.NonThreadSafe;
import org.flywheelmta.disk.DiskFailure.Kind;
import org.flywheelmta.disk.SimDisk;
import org.flywheelmta.disk.SimDisk.CrashMode;
import org.flywheelmta.disk.SimDisk.Operation;
import org.jspecify.annotations.Nullable;

/**
 * The server of a scenario, from life to life: how each ends, and how the next one begins on the
 * disk that is left.
 */
@NonThreadSafe
final class ServerLives {
  private static final long MILLISECOND = 1_000_000L;
  private static final long SECOND = 1_000_000_000L;

  // An outcome is written within 10 ms, and forced within 100 ms more.
  private static final long KILL_WINDOW_NANOS = 30 * MILLISECOND;
  private static final long CUT_WINDOW_NANOS = 150 * MILLISECOND;

  private final SimWorld world;
  private final RandomGenerator random;
  private final SimDisk disk;
  private final ServerUnderTest.Start start;
  private final InetSocketAddress listen;
  private final InetSocketAddress gateway;
  private Runnable onDeath = () -> {};
  private final List<Verdict.Crash> crashes = new ArrayList<>();
  private final ArrayDeque<CrashMode> modes;
  private SimPlatform machine;
  private ServerUnderTest server;
  // Kills since the last life that read all that was left to it.
  private int unrecovered;
  private int cutsLeft;
  private int cutsPlanned;
  private int cutsDone;
  private boolean cutAtAcknowledgement;
  private boolean cutAtCommit;
  private boolean cutAtRefusal;
  private boolean cutAtRecycling;
  private int killsOwed;
  private boolean killed;

  /** Starts the first one. */
  ServerLives(
      SimWorld world,
      SimDisk disk,
      int powerCuts,
      ServerUnderTest.Start start,
      InetSocketAddress listen,
      InetSocketAddress gateway) {
    this.world = world;
    this.random = world.random();
    this.disk = disk;
    this.start = start;
    this.listen = listen;
    this.gateway = gateway;
    this.cutsLeft = powerCuts;
    this.modes = modes(powerCuts);
    disk.faults(this::onOperation);
    this.machine = world.machine("server");
    machine.attach(disk);
    this.server = start.start(machine, disk, listen, gateway);
  }

  /** Each mode once, if there are so many cuts, then a torn one, and then any. */
  private ArrayDeque<CrashMode> modes(int cuts) {
    var each = Arrays.asList(CrashMode.values());
    var chosen = new ArrayList<>(each);
    chosen.add(CrashMode.TORN);
    while (chosen.size() < cuts) {
      chosen.add(each.get(random.nextInt(each.size())));
    }
    var first = chosen.subList(0, Math.min(cuts, chosen.size()));
    Collections.shuffle(first, random);
    return new ArrayDeque<>(first);
  }

  /** Told when a life has ended, while the disk has all that was written. */
  void onDeath(Runnable told) {
    onDeath = told;
  }

  boolean up() {
    return machine.up();
  }

  ServerUnderTest server() {
    return server;
  }

  /** When lives ended without warning. */
  List<Verdict.Crash> crashes() {
    return crashes;
  }

  /** Goes on, from life to life, until that time. */
  void live(long endNanos) {
    liveUntil(() -> false, endNanos);
  }

  /** Goes on, from life to life, until {@code done} holds or that time has come. */
  boolean liveUntil(BooleanSupplier done, long endNanos) {
    while (world.clock().nanoTime() < endNanos) {
      world.runUntil(
          () -> !machine.up() || done.getAsBoolean(), endNanos - world.clock().nanoTime());
      if (machine.up()) {
        return done.getAsBoolean();
      }
      addCrash();
      onDeath.run();
      world.run(1 + random.nextLong(20 * SECOND));
      restart();
    }
    return done.getAsBoolean();
  }

  private void addCrash() {
    if (server.recovered()) {
      unrecovered = 0;
    }
    long window = killed ? KILL_WINDOW_NANOS : CUT_WINDOW_NANOS;
    // What a killed process had written and not forced is there for the next, which forces it when
    // it reads it. A power cut before that takes it after all.
    for (int i = crashes.size() - 1; i >= 0 && !killed && unrecovered > 0; i--, unrecovered--) {
      crashes.set(i, new Verdict.Crash(crashes.get(i).nanos(), CUT_WINDOW_NANOS));
    }
    crashes.add(new Verdict.Crash(world.clock().nanoTime(), window));
    unrecovered = killed ? unrecovered + 1 : 0;
  }

  private void restart() {
    if (killed) {
      world.faults().fire(Fault.PROCESS_KILLED);
      disk.killProcess();
    } else {
      var mode = modes.remove();
      cutsLeft--;
      cutsDone++;
      world
          .faults()
          .fire(
              switch (mode) {
                case DROPPED -> Fault.POWER_CUT_DROPPED;
                case KEPT -> Fault.POWER_CUT_KEPT;
                case TORN -> Fault.POWER_CUT_TORN;
              });
      disk.crash(mode, random);
    }
    killed = false;
    cutAtAcknowledgement = false;
    cutAtCommit = false;
    cutAtRecycling = false;
    cutAtRefusal = false;
    machine = world.machine("server");
    machine.attach(disk);
    server = start.start(machine, disk, listen, gateway);
    if (cutsLeft > 1 && random.nextInt(4) == 0) {
      // In the middle of recovery, or of the first things after it.
      cutAtOperation(1 + random.nextInt(60));
    }
  }

  /** A power cut comes soon, and one that could not come yet comes at last. */
  void planPowerCut() {
    if (cutsLeft == 0) {
      return;
    }
    if (!machine.up()) {
      world.after(30 * SECOND, "power cut", this::planPowerCut);
      return;
    }
    switch (random.nextInt(8)) {
      case 0 -> cutNow();
      case 1 -> cutAtAcknowledgement = true;
      case 2, 3 -> cutAtCommit = true;
      case 4, 5 -> cutAtRecycling = true;
      case 6 -> cutAtRefusal = true;
      default -> cutAtOperation(1 + random.nextInt(40));
    }
    int planned = ++cutsPlanned;
    world.after(120 * SECOND, "power cut at last", () -> cutAtLast(planned));
  }

  private void cutAtLast(int planned) {
    if (cutsDone >= planned) {
      return;
    }
    if (machine.up()) {
      cutNow();
    } else {
      world.after(30 * SECOND, "power cut at last", () -> cutAtLast(planned));
    }
  }

  /** A power cut that comes while there is much to do, in place of one that would come later. */
  void planPowerCutAgain() {
    if (cutsLeft > 1 && machine.up()) {
      switch (random.nextInt(3)) {
        case 0 -> cutAtAcknowledgement = true;
        case 1 -> cutAtCommit = true;
        default -> cutAtRecycling = true;
      }
    }
  }

  /**
   * A cut in the force of a commit finds all that was written since the last one unforced; one
   * right after a segment was blanked finds out whether it was needed.
   */
  private @Nullable Kind onOperation(Operation operation, long number, Path file) {
    boolean isSegment = file.toString().endsWith(".fws");
    boolean blanks = isSegment && world.steppingName().endsWith("spool-segments");
    boolean commits = operation == Operation.WRITE && isSegment && !blanks;
    if (cutAtRecycling && operation == Operation.FORCE && blanks) {
      cutAtRecycling = false;
      world.after(random.nextLong(40 * MILLISECOND), "cut", this::cutNow);
    }
    if (cutAtCommit && commits && random.nextInt(4) == 0) {
      cutAtCommit = false;
      cutAtOperation(1);
    }
    return null;
  }

  void onAcknowledged() {
    if (cutAtAcknowledgement && random.nextInt(3) == 0) {
      cutAtAcknowledgement = false;
      world.after(random.nextLong(MILLISECOND), "cut", this::cutNow);
    }
  }

  private void cutAtOperation(int count) {
    if (machine.up() && cutsLeft > 0) {
      disk.cutPowerAt(disk.operations() + count);
    }
  }

  private void cutNow() {
    if (machine.up() && cutsLeft > 0) {
      machine.cutPower();
    }
  }

  /** A kill comes soon after the next delivery. */
  void planKill() {
    killsOwed++;
    world.after(120 * SECOND, "kill at last", this::killAtLast);
  }

  private void killAtLast() {
    if (killsOwed == 0) {
      return;
    }
    if (machine.up()) {
      killsOwed--;
      kill();
    } else {
      world.after(30 * SECOND, "kill at last", this::killAtLast);
    }
  }

  /** A notification of it is on its way to the disk soon. */
  void onRefused() {
    if (cutAtRefusal) {
      cutAtRefusal = false;
      world.after(random.nextLong(8 * MILLISECOND), "cut", this::cutNow);
    }
    onDelivered();
  }

  void onDelivered() {
    if (killsOwed > 0 && random.nextInt(3) == 0) {
      killsOwed--;
      world.after(random.nextLong(120 * MILLISECOND), "kill", this::kill);
    }
  }

  private void kill() {
    if (machine.up()) {
      killed = true;
      machine.kill();
    } else {
      killsOwed++;
    }
  }
}
