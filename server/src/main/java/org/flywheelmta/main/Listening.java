package org.flywheelmta.main;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import org.flywheelmta.base.NonThreadSafe;
import org.flywheelmta.config.Listen;
import org.flywheelmta.disk.DiskFailure;
import org.flywheelmta.intake.Intake;
import org.flywheelmta.net.ConnectionIds;
import org.flywheelmta.net.ListenAddress;
import org.flywheelmta.net.ListenerSettings;
import org.flywheelmta.net.Netlistener;
import org.flywheelmta.net.PausedReads;
import org.flywheelmta.scheduler.Scheduler;
import org.flywheelmta.scheduler.Schedulers;

/**
 * One protocol of a running server: where it listens, the schedulers of its connections, and who
 * serves them. The master's.
 */
@NonThreadSafe
final class Listening {
  private static final int INPUT_LIMIT_BYTES = 16 * 1024;

  private final Protocol protocol;
  private final Service service;
  private final List<Netlistener> listeners = new ArrayList<>();
  // The stanza of each listener, in the same order.
  private final List<Listen> listens = new ArrayList<>();
  private final List<Scheduler> serving;

  /**
   * Prepares the listeners that the configuration has of a protocol.
   *
   * @param ids of the server's connections
   * @param reads pauses its connections while the memory of its surroundings is short
   * @param certificates secures its connections
   */
  Listening(
      Protocol protocol,
      Surroundings surroundings,
      Schedulers schedulers,
      ConnectionIds ids,
      PausedReads reads,
      Certificates certificates) {
    this.protocol = protocol;
    this.service = protocol.service().apply(surroundings);
    var schedulersInUse = new LinkedHashSet<Scheduler>();
    for (var listener : surroundings.settings().generation().listeners(protocol.kind())) {
      for (var listen : listener.listens()) {
        var pool = schedulers.pool(listen.scope().get(ServerOptions.EVENT_LOOP));
        schedulersInUse.addAll(pool);
        listeners.add(
            new Netlistener(
                settings(protocol, listen),
                schedulers.master(),
                pool,
                ids,
                reads,
                surroundings.doors().log(),
                certificates.of(listen)));
        listens.add(listen);
      }
    }
    this.serving = List.copyOf(schedulersInUse);
  }

  private static ListenerSettings settings(Protocol protocol, Listen listen) {
    var address = ListenAddress.parse(listen.address());
    if (address == null) {
      throw new IllegalStateException("an address that the configuration's check has let pass");
    }
    long listenerMemory = listen.scope().get(ServerOptions.LISTENER_MEMORY);
    return new ListenerSettings(
        protocol.name(),
        listen.address(),
        address,
        listen.scope().get(ServerOptions.LISTEN_BACKLOG),
        listen.scope().get(ServerOptions.LISTENER_SESSIONS),
        INPUT_LIMIT_BYTES,
        listenerMemory > 0 ? listenerMemory : Long.MAX_VALUE);
  }

  Protocol.Side side() {
    return protocol.side();
  }

  List<Netlistener> listeners() {
    return listeners;
  }

  /** Opens what its service keeps on disk; blocks, off the schedulers. */
  void openDisk() throws DiskFailure {
    service.openDisk();
  }

  /** Joins it to the rest, and begins to accept. */
  void open(Intake intake) {
    service.open(intake);
    for (int i = 0; i < listeners.size(); i++) {
      listeners.get(i).open(service.sessions(listens.get(i)));
    }
  }

  /** Accepts nothing more. */
  void close() {
    listeners.forEach(Netlistener::close);
  }

  /** Ends its sessions; {@code done} is called from any thread. */
  void stop(Runnable done) {
    service.stop(serving, done);
  }

  /** Closes what its service has on disk; blocks, off the schedulers. */
  void closeDisk() {
    service.closeDisk();
  }
}
