package org.flywheelmta.bench;

import java.io.IOException;
import java.util.Optional;

/** A server that relays mail, which a benchmark starts. For one thread. */
interface Peer {
  /** As it is called in tables and on the command line. */
  String name();

  /** Why it cannot be started here, and what to do about it; empty where it can. */
  Optional<String> missing();

  /** Which version of it this is. */
  String version() throws InterruptedException;

  /** Whether it takes a mail for ever so long that a run has fewer of them. */
  boolean isSlow();

  /** Whether it can do what the case wants. */
  boolean takes(RelayCase relayCase);

  /** Done once before anything is measured, such as building it. */
  void prepare() throws IOException, InterruptedException;

  /**
   * Starts it in a folder of its name, to relay to a port of this machine, and waits until it
   * greets.
   *
   * @param delivers whether mail goes on to that port; otherwise it is kept
   */
  Relay start(Site site, int sink, boolean delivers) throws IOException, InterruptedException;

  /**
   * A peer that runs.
   *
   * @param port where it takes mail, on the loopback interface
   * @param process its first process; the others are its descendants
   */
  record Relay(int port, Child process) {}
}
