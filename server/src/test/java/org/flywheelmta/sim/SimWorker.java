package org.flywheelmta.sim;

import org.flywheelmta.base.NonThreadSafe;
import org.flywheelmta.scheduler.Duty;
import org.flywheelmta.scheduler.Worker;

/**
 * A worker that the driver steps. One pass of its duty is one step and takes some virtual time,
 * during which wake-ups are remembered.
 */
@NonThreadSafe
final class SimWorker implements Worker, Actor {
  private final SimPlatform machine;
  private final String name;
  private final int number;
  private final Duty duty;
  private boolean woken = true;
  private long deadline = NEVER;
  private long busyUntil;

  SimWorker(SimPlatform machine, String name, int number, Duty duty) {
    this.machine = machine;
    this.name = name;
    this.number = number;
    this.duty = duty;
  }

  @Override
  public void wake() {
    woken = true;
  }

  @Override
  public void close() {
    machine.remove(this);
  }

  @Override
  public SimPlatform machine() {
    return machine;
  }

  @Override
  public int number() {
    return number;
  }

  @Override
  public String name() {
    return name;
  }

  @Override
  public boolean ready(long nowNanos) {
    return deadlineNanos() <= nowNanos;
  }

  @Override
  public long deadlineNanos() {
    return woken ? busyUntil : Math.max(deadline, busyUntil);
  }

  @Override
  public String step(long nowNanos) {
    woken = false;
    deadline = NEVER;
    long delay;
    try {
      delay = duty.run(nowNanos);
    } catch (Throwable fault) {
      machine.world().onFault(name, fault);
      return "fault";
    }
    busyUntil = nowNanos + machine.passNanos();
    if (delay != Duty.UNTIL_WOKEN) {
      deadline = delay > NEVER - nowNanos ? NEVER : nowNanos + Math.max(0, delay);
    }
    return "pass";
  }

  @Override
  public String toString() {
    return name;
  }
}
