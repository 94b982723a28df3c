package org.flywheelmta.sim;

import java.net.InetSocketAddress;
import org.flywheelmta.base.NonThreadSafe;
import org.flywheelmta.disk.SimDisk;

/** One life of a server in a scenario, from its start to a crash or the end. */
@NonThreadSafe
public interface ServerUnderTest {
  /**
   * Throws when something does not hold that must hold at every instant. Called after each step,
   * outside every scheduler: it reads, and changes nothing.
   */
  void checkInvariants();

  /** How many messages it answers for and has not finished. Called outside every scheduler. */
  int waiting();

  /** Starts servers. */
  @FunctionalInterface
  interface Start {
    /**
     * Starts a life; it returns at once, and recovery and listening follow as steps.
     *
     * @param machine where its schedulers, pools, workers, network and buffers come from
     * @param disk what earlier lives have left
     * @param listen where it takes mail
     * @param gateway where it delivers all of it
     */
    ServerUnderTest start(
        SimPlatform machine, SimDisk disk, InetSocketAddress listen, InetSocketAddress gateway);
  }
}
