package org.flywheelmta.main;

import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import org.flywheelmta.base.NonThreadSafe;
import org.flywheelmta.config.Listen;
import org.flywheelmta.disk.DiskFailure;
import org.flywheelmta.net.SelfSigned;
import org.flywheelmta.net.TlsAcceptor;
import org.flywheelmta.net.TlsConnectors;
import org.flywheelmta.net.TlsOptions;
import org.flywheelmta.net.UnusableCertificate;
import org.flywheelmta.scheduler.Job;
import org.flywheelmta.scheduler.Scheduler;
import org.flywheelmta.scheduler.ThreadPool;
import org.flywheelmta.scheduler.TimedEvent;
import org.flywheelmta.smtp.ClientOptions;
import org.jspecify.annotations.Nullable;

/**
 * TLS of every listen of a server: reads the certificates at the start, and again when their files
 * change. The master's, but for what blocks.
 */
@NonThreadSafe
final class Certificates {
  /** The folder of keys, and in it the pair that a server makes for itself. */
  private static final Path KEYS = Path.of("keys");

  private static final String OWN = "self-signed.pem";

  private final Doors doors;
  private final Server.Settings settings;
  private final String hostname;
  private final ThreadPool cpu;
  private final List<TlsAcceptor> acceptors = new ArrayList<>();
  private boolean needsOwn;
  private volatile TlsConnectors connectors = TlsConnectors.none();
  private @Nullable TimedEvent next;

  /**
   * @param cpu computes handshakes
   */
  Certificates(Doors doors, Server.Settings settings, String hostname, ThreadPool cpu) {
    this.doors = doors;
    this.settings = settings;
    this.hostname = hostname;
    this.cpu = cpu;
  }

  private Path own() {
    return settings.folder().resolve(KEYS).resolve(OWN);
  }

  /** What secures a listen; null where its connections are in clear. */
  @Nullable TlsAcceptor of(Listen listen) {
    var found =
        TlsOptions.settings(
            settings.generation(), listen.address(), listen.scope(), settings.folder(), own());
    if (found.isEmpty()) {
      return null;
    }
    needsOwn |= TlsOptions.isSelfSigned(listen.scope());
    var acceptor = new TlsAcceptor(found.get(), cpu, doors.log());
    acceptors.add(acceptor);
    return acceptor;
  }

  /** Reads all of them, and makes the server's own before where it is asked for; blocks. */
  void load() throws UnusableCertificate, DiskFailure {
    if (needsOwn && !doors.disk().exists(own())) {
      makeOwn();
    }
    for (var acceptor : acceptors) {
      acceptor.load(doors.disk());
    }
    connectors =
        ClientOptions.connectors(settings.generation(), settings.folder(), doors.disk(), cpu);
  }

  /** What secures deliveries, once everything was read. */
  TlsConnectors connectors() {
    return connectors;
  }

  private void makeOwn() throws DiskFailure {
    var folder = settings.folder().resolve(KEYS);
    var disk = doors.disk();
    disk.createFolder(folder);
    var names = new LinkedHashSet<>(List.of(hostname, "localhost"));
    var pem =
        SelfSigned.pem(
            SelfSigned.Kind.RSA,
            List.copyOf(names),
            List.of("127.0.0.1", "::1"),
            doors.platform().clock());
    var unfinished = folder.resolve(OWN + ".new");
    if (disk.exists(unfinished)) {
      disk.delete(unfinished);
    }
    try (var file = disk.create(unfinished)) {
      file.write(ByteBuffer.wrap(pem), 0);
      file.force();
    }
    disk.rename(unfinished, own());
    disk.forceFolder(folder);
    doors.log().info("TLS: made a certificate that nobody else believes, " + own());
  }

  /** Looks at the files again and again, until {@link #close}. */
  void watch(Scheduler master, ThreadPool io) {
    if (acceptors.isEmpty()) {
      return;
    }
    long nanos = TlsOptions.reloadNanos(settings.generation().global());
    var again = new TimedEvent[1];
    var event = TimedEvent.of(_ -> look(master, io, again[0], nanos));
    again[0] = event;
    next = event;
    master.arm(event, nanos);
  }

  private void look(Scheduler master, ThreadPool io, TimedEvent event, long nanos) {
    boolean taken =
        io.submit(
            master,
            new Job<Boolean>() {
              @Override
              public Boolean work() {
                acceptors.forEach(Certificates.this::look);
                return true;
              }

              @Override
              public void onDone(Boolean looked) {
                rest(master, event, nanos);
              }

              @Override
              public void onFailed(Exception failure) {
                doors.log().error("TLS: certificates could not be looked at: " + failure);
                rest(master, event, nanos);
              }
            });
    if (!taken) {
      rest(master, event, nanos);
    }
  }

  /** One that cannot be looked at is no reason not to look at the others. */
  private void look(TlsAcceptor acceptor) {
    try {
      acceptor.reload(doors.disk());
    } catch (RuntimeException failure) {
      doors.log().error("TLS: certificates could not be looked at: " + failure);
    }
  }

  private void rest(Scheduler master, TimedEvent event, long nanos) {
    if (next != null) {
      master.arm(event, nanos);
    }
  }

  /** Looks no more. */
  void unwatch(Scheduler master) {
    var event = next;
    next = null;
    if (event != null) {
      master.disarm(event);
    }
  }

  /** Forgets them all, once no handshake begins any more; from any thread. */
  void close() {
    acceptors.forEach(TlsAcceptor::close);
    connectors.close();
  }
}
