package org.flywheelmta.sim;

import java.net.InetSocketAddress;
import java.util.Set;
import org.flywheelmta.base.NonThreadSafe;
import org.flywheelmta.disk.SimDisk;
import org.jspecify.annotations.Nullable;

/** One life of a server in a scenario, from its start to a crash or the end. */
@NonThreadSafe
public interface ServerUnderTest {
  /**
   * Throws when something does not hold that must hold at every instant. Called after each step,
   * outside every scheduler: it reads, and changes nothing.
   */
  void checkInvariants();

  /**
   * Throws when something does not hold that must hold whenever nothing happens for a second; reads
   * like {@link #checkInvariants}.
   */
  void checkAtRest();

  /**
   * The recipients of all messages that it answers for, each once; null while some are on their way
   * from one place to another, or where nothing has moved since the last call.
   */
  @Nullable Set<String> waitingRecipients();

  /** True once it has read all that earlier lives left to it. */
  boolean recovered();

  /** How many messages it answers for and has not finished. Called outside every scheduler. */
  int waiting();

  /** How many connections it may have open to deliver, in all. */
  default int mostConnections() {
    return Integer.MAX_VALUE;
  }

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
