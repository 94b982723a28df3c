package org.flywheelmta.sim;

import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.UnpooledByteBufAllocator;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.random.RandomGenerator;
import org.flywheelmta.base.Check;
import org.flywheelmta.base.Clock;
import org.flywheelmta.base.NonThreadSafe;
import org.flywheelmta.base.Randomness;
import org.flywheelmta.disk.SimDisk;
import org.flywheelmta.scheduler.Duty;
import org.flywheelmta.scheduler.Platform;
import org.flywheelmta.scheduler.Scheduler;
import org.flywheelmta.scheduler.ThreadPool;
import org.flywheelmta.scheduler.Worker;

/**
 * One machine of a world, from start to crash: schedulers, pools and workers as stepped actors, and
 * the addresses that it owns. It is made by {@link SimWorld#machine}; after a crash the world makes
 * the next one of that name.
 *
 * <p>Buffers come from {@link #allocator}, whose usage says at the end of a test whether every
 * reference was given back. After a crash it is thrown away with everything that the machine held:
 * it keeps no buffer, reports no leak, and its memory is the garbage collector's.
 */
@NonThreadSafe
public final class SimPlatform implements Platform {
  private static final long PASS_NANOS_BOUND = 400_000;
  private static final long SLOW_JOB_NANOS_BOUND = 4_000_000_000L;
  private static final int SLOW_JOB_ONE_IN = 16;

  private final SimWorld world;
  private final String name;
  private final List<InetAddress> addresses;
  private final SimRandomness randomness;
  private final RandomGenerator durations;
  private final UnpooledByteBufAllocator allocator =
      new UnpooledByteBufAllocator(false, true, false);
  private final SimNetwork network;
  private final List<SimDisk> disks = new ArrayList<>();
  private boolean up = true;
  private boolean powered = true;

  SimPlatform(SimWorld world, String name, int incarnation, List<InetAddress> addresses) {
    this.world = world;
    this.name = name;
    this.addresses = List.copyOf(addresses);
    long own = Trace.mix(Trace.mix(world.seed(), name.hashCode()), incarnation);
    this.randomness = new SimRandomness(own);
    this.durations = new SimRandomness(Trace.mix(own, 1)).generator("durations");
    this.network = new SimNetwork(this);
  }

  SimWorld world() {
    return world;
  }

  /** What {@link SimWorld#machine} was asked for. */
  public String name() {
    return name;
  }

  List<InetAddress> addresses() {
    return addresses;
  }

  /** False from a crash or {@link #close} on. */
  public boolean up() {
    return up;
  }

  /** Plugs a disk in: when it loses its power in a step, the whole machine does. */
  public void attach(SimDisk disk) {
    disks.add(disk);
  }

  boolean diskIsOff() {
    for (var disk : disks) {
      if (disk.isOff()) {
        return true;
      }
    }
    return false;
  }

  /** True while its kernel, or that of its next life, answers packets. */
  boolean answers() {
    return powered || world.isUp(name);
  }

  /** The machine's door to the network. */
  public SimNetwork network() {
    return network;
  }

  /** Where the machine's channels take buffers from; for everything else that counts them too. */
  @Override
  public ByteBufAllocator allocator() {
    return allocator;
  }

  /** Bytes of buffers that were taken and not given back. */
  public long bytesHeld() {
    return allocator.metric().usedHeapMemory() + allocator.metric().usedDirectMemory();
  }

  /** How long one job takes; one in some waits for a disk that is slow. */
  long jobNanos() {
    return durations.nextInt(SLOW_JOB_ONE_IN) == 0
        ? durations.nextLong(SLOW_JOB_NANOS_BOUND)
        : passNanos();
  }

  /** How long one pass of a worker takes. */
  long passNanos() {
    return durations.nextLong(PASS_NANOS_BOUND);
  }

  @Override
  public Clock clock() {
    return world.clock();
  }

  @Override
  public Randomness randomness() {
    return randomness;
  }

  @Override
  public List<Scheduler> schedulers(String pool, int concurrency) {
    var made = new ArrayList<Scheduler>();
    for (int i = 0; i < concurrency; i++) {
      var schedulerName = pool + "-" + i;
      var loop = new SimLoop(this, name + "/" + schedulerName, world.nextNumber());
      world.add(loop);
      var random = randomness.generator("scheduler " + schedulerName);
      made.add(new Scheduler(schedulerName, i, loop, world.clock(), random, world::onFault));
    }
    return made;
  }

  @Override
  public ThreadPool threadPool(String pool, int concurrency, int backlog) {
    var made = new SimThreadPool(this, pool, backlog);
    for (int i = 0; i < concurrency; i++) {
      world.add(made.new PoolThread(name + "/" + pool + "-" + i, world.nextNumber()));
    }
    return made;
  }

  @Override
  public Worker worker(String workerName, Duty duty) {
    Check.that(up, "a worker is started on a machine that is down");
    var worker = new SimWorker(this, name + "/" + workerName, world.nextNumber(), duty);
    world.add(worker);
    return worker;
  }

  void remove(Actor actor) {
    world.remove(actor);
  }

  /**
   * The process ends at once, as by {@code kill -9}: nothing of it runs again; the kernel closes
   * its connections.
   */
  public void kill() {
    drop(false);
  }

  /**
   * The power fails: nothing runs again, and the peers hear nothing until they ask the machine's
   * next life.
   */
  public void cutPower() {
    drop(true);
  }

  private void drop(boolean silently) {
    if (!up) {
      return;
    }
    up = false;
    powered = !silently;
    world.dropActorsOf(this);
    world.wire().machineGone(this, silently);
  }

  /** An orderly end: the actors stop; whatever is still connected is closed by the kernel. */
  @Override
  public void close() {
    drop(false);
  }

  @Override
  public String toString() {
    return name;
  }
}
