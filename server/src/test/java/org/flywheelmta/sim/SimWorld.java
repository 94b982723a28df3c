package org.flywheelmta.sim;

import java.net.InetAddress;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.PriorityQueue;
import java.util.SplittableRandom;
import java.util.function.BooleanSupplier;
import java.util.random.RandomGenerator;
import org.flywheelmta.base.Clock;
import org.flywheelmta.base.NonThreadSafe;
import org.jspecify.annotations.Nullable;

/**
 * The driver of a simulation: a seed, a virtual clock, actors and the events between them.
 *
 * <p>A step runs what is due on the network, then one task of one ready actor that the seed picks;
 * when none is ready, the clock jumps to the next deadline. Within an actor tasks keep their order,
 * as in production; between actors any interleaving may come.
 */
@NonThreadSafe
public final class SimWorld {
  /** The most steps in one virtual second; more is taken for a livelock. */
  public static final int DEFAULT_STEPS_PER_SECOND = 1_000_000;

  private static final int TRACE_LINES_SHOWN = 40;
  private static final long SECOND = 1_000_000_000L;

  private final long seed;
  private final Class<?> test;
  private final SimClock clock = new SimClock();
  private final Trace trace = new Trace();
  private final SplittableRandom choice;
  private final SplittableRandom scenario;
  private final SimWire wire;
  private final List<Actor> actors = new ArrayList<>();
  private final List<Actor> ready = new ArrayList<>();
  private final PriorityQueue<Event> events = new PriorityQueue<>();
  private final List<Runnable> invariants = new ArrayList<>();
  private final List<Runnable> restingInvariants = new ArrayList<>();
  private final Faults faults = new Faults();
  private final Map<String, Integer> incarnations = new LinkedHashMap<>();
  private final Map<String, SimPlatform> machines = new LinkedHashMap<>();
  private @Nullable SimLoop current;
  private @Nullable SimPlatform stepping;
  private String steppingName = "";
  private @Nullable Throwable fault;
  private String faultPlace = "";
  private int numbers;
  private long eventNumbers;
  private int stepsPerSecond = DEFAULT_STEPS_PER_SECOND;
  private long second;
  private long stepsInSecond;

  /**
   * @param seed everything in the run follows from it
   * @param test the test class that the replay command names
   */
  public SimWorld(long seed, Class<?> test) {
    this.seed = seed;
    this.test = test;
    var root = new SplittableRandom(seed);
    this.choice = root.split();
    this.scenario = root.split();
    this.wire = new SimWire(this, root.split());
  }

  public long seed() {
    return seed;
  }

  /** The virtual clock. */
  public Clock clock() {
    return clock;
  }

  SimClock simClock() {
    return clock;
  }

  /** For the scenario's own choices. */
  public RandomGenerator random() {
    return scenario;
  }

  /** The network between the machines. */
  public SimWire wire() {
    return wire;
  }

  /**
   * Starts a machine, or the next life of one that crashed.
   *
   * @param addresses the addresses that it owns beside the loopback ones, which all share
   */
  public SimPlatform machine(String name, InetAddress... addresses) {
    var earlier = machines.get(name);
    if (earlier != null && earlier.up()) {
      throw new IllegalStateException("machine " + name + " is up already");
    }
    int incarnation = incarnations.merge(name, 1, Integer::sum);
    var machine = new SimPlatform(this, name, incarnation, List.of(addresses));
    machines.put(name, machine);
    return machine;
  }

  /** The last life of a machine. */
  public SimPlatform life(String machine) {
    var life = machines.get(machine);
    if (life == null) {
      throw new IllegalArgumentException("there never was a machine " + machine);
    }
    return life;
  }

  /** True when some life of that machine is up. */
  boolean isUp(String machine) {
    var life = machines.get(machine);
    return life != null && life.up();
  }

  /** True when the owner of the address answers packets. */
  boolean isReachable(InetAddress address) {
    return machines.values().stream()
        .anyMatch(machine -> machine.answers() && machine.addresses().contains(address));
  }

  int nextNumber() {
    return ++numbers;
  }

  void add(Actor actor) {
    actors.add(actor);
  }

  void remove(Actor actor) {
    actors.remove(actor);
  }

  void dropActorsOf(SimPlatform machine) {
    actors.removeIf(actor -> actor.machine() == machine);
  }

  @Nullable SimLoop current() {
    return current;
  }

  @Nullable SimLoop enter(SimLoop loop) {
    var outer = current;
    current = loop;
    return outer;
  }

  void leave(@Nullable SimLoop outer) {
    current = outer;
  }

  /** Who makes the step that is being made; empty for the world itself. */
  String steppingName() {
    return steppingName;
  }

  /** Something throws where nothing may: the run fails, unless its machine has lost its power. */
  public void onFault(Object where, Throwable thrown) {
    if (fault == null) {
      fault = thrown;
      faultPlace = where.toString();
    }
  }

  /** Runs {@code action} outside all actors after {@code delayNanos}, as the scenario's step. */
  public void after(long delayNanos, String what, Runnable action) {
    at(clock.nanoTime() + delayNanos, what, 0, 0, action);
  }

  void at(long timeNanos, String what, int number, long detail, Runnable action) {
    events.add(new Event(timeNanos, eventNumbers++, what, number, detail, action));
  }

  /** {@code check} runs after every step and throws when something that must hold does not. */
  public void invariant(Runnable check) {
    invariants.add(check);
  }

  /**
   * {@code check} runs whenever nothing happens for a second or more and no pool is at work; as an
   * invariant.
   */
  public void restingInvariant(Runnable check) {
    restingInvariants.add(check);
  }

  /** What went wrong on purpose so far. */
  public Faults faults() {
    return faults;
  }

  /** True when nothing is ready and no deadline is set: nothing will ever happen by itself. */
  public boolean isAtRestForEver() {
    return nextDeadline() == Actor.NEVER;
  }

  /** Steps the wall clock, forward or back. */
  public void stepWall(long micros) {
    faults.fire(micros < 0 ? Fault.CLOCK_BACK : Fault.CLOCK_FORWARD);
    clock.stepWall(micros);
  }

  public void stepsPerSecond(int most) {
    stepsPerSecond = most;
  }

  /** Runs for so much virtual time. */
  public void run(long nanos) {
    runUntil(() -> false, nanos);
  }

  /**
   * Runs until {@code done} holds or {@code limitNanos} of virtual time have passed.
   *
   * @return whether {@code done} holds
   */
  public boolean runUntil(BooleanSupplier done, long limitNanos) {
    long end = clock.nanoTime() + limitNanos;
    while (!done.getAsBoolean()) {
      if (stepReady()) {
        continue;
      }
      long next = nextDeadline();
      if (next - clock.nanoTime() >= SECOND && actors.stream().noneMatch(Actor::isWorking)) {
        check(restingInvariants);
      }
      if (next > end) {
        clock.advanceTo(end);
        return done.getAsBoolean();
      }
      clock.advanceTo(Math.max(next, clock.nanoTime()));
    }
    return true;
  }

  /** One step at the present time; false when nothing is due. */
  private boolean stepReady() {
    long now = clock.nanoTime();
    var event = events.peek();
    if (event != null && event.timeNanos <= now) {
      events.poll();
      runEvent(event);
      return true;
    }
    ready.clear();
    for (var actor : actors) {
      if (actor.ready(now)) {
        ready.add(actor);
      }
    }
    if (ready.isEmpty()) {
      return false;
    }
    var actor = ready.get(ready.size() == 1 ? 0 : choice.nextInt(ready.size()));
    stepping = actor.machine();
    steppingName = actor.name();
    var kind = actor.step(now);
    trace.add(now, actor.name(), actor.number(), kind, 0);
    afterStep(now);
    return true;
  }

  private void runEvent(Event event) {
    stepping = null;
    steppingName = "";
    trace.add(clock.nanoTime(), "world", event.number, event.what, event.detail);
    try {
      event.action.run();
    } catch (Throwable thrown) {
      onFault(event.what, thrown);
    }
    afterStep(clock.nanoTime());
  }

  private void afterStep(long now) {
    if (stepping != null && stepping.up() && stepping.diskIsOff()) {
      // What the step threw is the power cut itself, or follows from it.
      fault = null;
      trace.add(now, stepping.name(), 0, "power cut", 0);
      stepping.cutPower();
    }
    var thrown = fault;
    if (thrown != null) {
      fault = null;
      throw failure(faultPlace + " threw " + thrown, thrown);
    }
    check(invariants);
    if (now / SECOND != second) {
      second = now / SECOND;
      stepsInSecond = 0;
    }
    if (++stepsInSecond > stepsPerSecond) {
      throw failure("more than " + stepsPerSecond + " steps in one virtual second", null);
    }
  }

  private void check(List<Runnable> all) {
    for (var invariant : all) {
      try {
        invariant.run();
      } catch (Throwable broken) {
        throw failure("an invariant is broken: " + broken.getMessage(), broken);
      }
    }
  }

  private long nextDeadline() {
    var event = events.peek();
    long next = event == null ? Actor.NEVER : event.timeNanos;
    for (var actor : actors) {
      next = Math.min(next, actor.deadlineNanos());
    }
    return next;
  }

  /** 64 bits of everything that happened: equal for equal seeds. */
  public long traceHash() {
    return trace.hash();
  }

  /** How many steps were made. */
  public long steps() {
    return trace.steps();
  }

  /** The failure of this run, with what is needed to see it again; the caller throws it. */
  public SimFailure failure(String text, @Nullable Throwable cause) {
    return new SimFailure(
        text
            + "\n  at virtual second "
            + Trace.seconds(clock.nanoTime())
            + ", seed "
            + seed
            + "\n  replay: "
            + Seeds.replayCommand(test, seed)
            + "\n  the last steps:\n"
            + trace.tail(TRACE_LINES_SHOWN),
        cause);
  }

  private record Event(
      long timeNanos, long order, String what, int number, long detail, Runnable action)
      implements Comparable<Event> {
    @Override
    public int compareTo(Event other) {
      int byTime = Long.compare(timeNanos, other.timeNanos);
      return byTime != 0 ? byTime : Long.compare(order, other.order);
    }
  }
}
