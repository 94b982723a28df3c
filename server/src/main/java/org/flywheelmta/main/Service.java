package org.flywheelmta.main;

import java.util.List;
import org.flywheelmta.base.SingleThreadSafe;
import org.flywheelmta.config.Listen;
import org.flywheelmta.disk.DiskFailure;
import org.flywheelmta.intake.Intake;
import org.flywheelmta.net.Netlistener;
import org.flywheelmta.scheduler.Scheduler;

/** Who serves the connections of one kind of listener. Its methods are called in this order. */
@SingleThreadSafe
interface Service {
  /**
   * Opens what it keeps on disk; blocks, so it is called off the schedulers.
   *
   * @throws DiskFailure when it cannot: the server does not start
   */
  default void openDisk() throws DiskFailure {}

  /** Joins it to the rest of the server, on the master. */
  default void open(Intake intake) {}

  /** The sessions of one address, on the master. */
  Netlistener.Sessions sessions(Listen listen);

  /**
   * Ends its sessions, on the master; no more are accepted.
   *
   * @param schedulers all that serve its listeners
   * @param done called once, from any thread, when the last session has closed
   */
  void stop(List<Scheduler> schedulers, Runnable done);

  /** Closes what {@link #openDisk} has opened, if it has; blocks. */
  default void closeDisk() {}
}
