package org.flywheelmta.main;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.nio.file.Path;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.function.Consumer;
import org.flywheelmta.base.Admission;
import org.flywheelmta.base.Check;
import org.flywheelmta.base.MemoryBudget;
import org.flywheelmta.base.NonThreadSafe;
import org.flywheelmta.base.TransactionId;
import org.flywheelmta.bounce.BounceOptions;
import org.flywheelmta.bounce.BounceRoom;
import org.flywheelmta.config.Generation;
import org.flywheelmta.config.Option;
import org.flywheelmta.disk.DiskFailure;
import org.flywheelmta.dns.CachingResolver;
import org.flywheelmta.dns.DnsSettings;
import org.flywheelmta.domain.DnsRouter;
import org.flywheelmta.domain.DomainOptions;
import org.flywheelmta.domain.Domains;
import org.flywheelmta.domain.Neighbours;
import org.flywheelmta.hook.Hooks;
import org.flywheelmta.intake.Intake;
import org.flywheelmta.message.Message;
import org.flywheelmta.net.ConnectionIds;
import org.flywheelmta.net.Connector;
import org.flywheelmta.net.Netlistener;
import org.flywheelmta.net.PausedReads;
import org.flywheelmta.net.UnusableCertificate;
import org.flywheelmta.scheduler.Job;
import org.flywheelmta.scheduler.Scheduler;
import org.flywheelmta.scheduler.Schedulers;
import org.flywheelmta.scheduler.ThreadPool;
import org.flywheelmta.smtp.ClientOptions;
import org.flywheelmta.smtp.SmtpDelivery;
import org.jspecify.annotations.Nullable;

/**
 * One server: every room, joined. It starts as a whole or not at all: listeners are bound first,
 * then the spool is opened, and only then is anything accepted. It lives on the master scheduler.
 */
@NonThreadSafe
final class Server {
  // What arrives at listeners of the side OUT may take this share of memory_limit.
  private static final int OUT_SHARE = 8;

  private final Doors doors;
  private final Settings settings;
  private final Schedulers schedulers;
  private final Scheduler master;
  private final ThreadPool io;
  private final ThreadPool cpu;
  private final Certificates certificates;
  private final Authentication authentication;
  private final Startup startup;
  private final ConnectionIds ids = new ConnectionIds();
  private final List<Listening> listenings;
  private final List<Netlistener> listeners;
  private final Map<Netlistener, Bound> bound = new LinkedHashMap<>();
  private final MemoryBudget memory;
  private final MemoryBudget queueMemory;
  private final PausedReads pausedReads;
  private @Nullable Storage storage;
  private @Nullable CachingResolver resolver;
  private @Nullable Domains domains;
  private boolean open;
  private boolean failed;
  private boolean stopping;
  private Runnable stopped = () -> {};

  /**
   * What a server runs with.
   *
   * @param folder the data folder
   * @param hostname of the machine, where the configuration names none
   * @param processors of the machine
   * @param memoryBytes that the process may have
   * @param hooks providers of every hook
   */
  record Settings(
      Generation generation,
      Path folder,
      String hostname,
      int processors,
      long memoryBytes,
      Hooks hooks) {}

  /**
   * A listener and the address in force.
   *
   * @param kind such as {@code esmtp_listener}
   */
  record Bound(String kind, SocketAddress address) {}

  /** Told how a start went, once, on the master. */
  interface Startup {
    void onReady(List<Bound> listeners);

    /** Nothing runs; the caller closes the platform. */
    void onFailed(Failure failure);
  }

  private Server(Doors doors, Settings settings, Startup startup) {
    this.doors = doors;
    this.settings = settings;
    this.startup = startup;
    this.schedulers =
        new Schedulers(
            doors.platform(),
            ServerChecks.concurrency(settings.generation(), settings.processors()));
    this.master = schedulers.master();
    this.io = ThreadPools.IO.start(doors.platform(), settings.generation(), settings.processors());
    this.cpu =
        ThreadPools.CPU.start(doors.platform(), settings.generation(), settings.processors());
    this.certificates = new Certificates(doors, settings, hostname(), cpu);
    this.authentication = new Authentication(doors, settings, hostname(), io, cpu);
    var protocols = Protocol.in(settings.generation());
    long limit = limit(ServerOptions.MEMORY_LIMIT);
    boolean hasOut = protocols.stream().anyMatch(p -> p.side() == Protocol.Side.OUT);
    long outShare = hasOut ? limit / OUT_SHARE : 0;
    this.memory = new MemoryBudget("memory_limit", limit - outShare);
    this.queueMemory =
        new MemoryBudget("queue_memory_limit", limit(ServerOptions.QUEUE_MEMORY_LIMIT));
    MemoryReport.ofContent(memory, doors.log());
    MemoryReport.ofMessages(queueMemory, doors.log());
    this.pausedReads = new PausedReads(memory);
    // The share of the least limit would not hold what one session needs.
    var outReads =
        new PausedReads(
            new MemoryBudget("memory_limit", Math.max(outShare, MemoryChecks.LEAST_CONTENT_BYTES)));
    this.listenings =
        protocols.stream()
            .map(p -> prepare(p, p.side() == Protocol.Side.OUT ? outReads : pausedReads))
            .toList();
    this.listeners = listenings.stream().flatMap(l -> l.listeners().stream()).toList();
  }

  private long limit(Option<Long> option) {
    long limit = settings.generation().global().get(option);
    return limit > 0 ? limit : settings.memoryBytes() / 2;
  }

  private Listening prepare(Protocol protocol, PausedReads reads) {
    var surroundings =
        new Surroundings(doors, settings, hostname(), reads.budget(), authentication);
    return new Listening(protocol, surroundings, schedulers, ids, reads, certificates);
  }

  /** Starts a server; {@code startup} is told how it went. */
  static Server start(Doors doors, Settings settings, Startup startup) {
    var server = new Server(doors, settings, startup);
    server.master.post(server::bindAll);
    return server;
  }

  private void bindAll() {
    if (stopping) {
      stopped.run();
      return;
    }
    if (listeners.isEmpty()) {
      openStorage();
    }
    for (var listener : listeners) {
      listener.bind(
          doors.network(),
          address -> onBound(listener, address),
          cause -> onBindFailed(listener, cause));
    }
  }

  private void onBound(Netlistener listener, SocketAddress address) {
    bound.put(listener, new Bound(listener.settings().kind(), address));
    if (failed || stopping) {
      listener.close();
      if (stopping && bound.size() == listeners.size()) {
        stopped.run();
      }
    } else if (bound.size() == listeners.size()) {
      openStorage();
    }
  }

  private void onBindFailed(Netlistener listener, Throwable cause) {
    var name = listener.settings().name();
    var port =
        listener.settings().address() instanceof InetSocketAddress address ? address.getPort() : 0;
    // The system's words for it, in either transport.
    var text = String.valueOf(cause.getMessage());
    if (text.contains("in use")) {
      nameHolder(name, port, text);
    } else if (text.contains("ermission denied")) {
      fail(new Failure(ExitCode.PERMISSION, "cannot listen on " + name + ": permission denied"));
    } else {
      fail(new Failure(ExitCode.CONFIGURATION, "cannot listen on " + name + ": " + text));
    }
  }

  private void nameHolder(String name, int port, String otherwise) {
    submit(
        () -> String.valueOf(Objects.requireNonNullElse(PortHolder.of(port), otherwise)),
        why -> fail(new Failure(ExitCode.CONFIGURATION, "cannot listen on " + name + ": " + why)));
  }

  /** Runs what blocks on the pool for it, and the rest on the master; a failure there is a bug. */
  private <T> void submit(Callable<T> work, Consumer<T> done) {
    boolean taken =
        io.submit(
            master,
            new Job<T>() {
              @Override
              public T work() throws Exception {
                return work.call();
              }

              @Override
              public void onDone(T result) {
                done.accept(result);
              }

              @Override
              public void onFailed(Exception failure) {
                throw new IllegalStateException("a job of the server's start or stop", failure);
              }
            });
    Check.that(taken, "the pool for blocking work has no room at a start or stop");
  }

  private void fail(Failure failure) {
    if (stopping) {
      stopped.run();
    } else if (!failed) {
      failed = true;
      listenings.forEach(Listening::close);
      startup.onFailed(failure);
    }
  }

  private void openStorage() {
    submit(
        this::openDisk,
        opened -> {
          switch (opened.storage()) {
            case Storage.Start.Ok(var ready) -> open(ready, opened);
            case Storage.Start.Failed(var failure) -> fail(failure);
          }
        });
  }

  /** From the intake to the domain records. */
  private record ToDomains(Domains domains) implements Intake.HandOver {
    @Override
    public void enqueue(List<Message> messages) {
      domains.enqueue(messages);
    }

    @Override
    public TransactionId home(TransactionId id, Scheduler scheduler) {
      return domains.home(id, scheduler);
    }
  }

  /** What was read from the disk off the schedulers. */
  private record Opened(Storage.Start storage, DnsSettings dns, List<InetAddress> interfaces) {}

  /** Opens everything that is kept on disk, or nothing; blocks. */
  private Opened openDisk() {
    var opened = openServices();
    if (opened instanceof Storage.Start.Failed) {
      closeServices();
    }
    return new Opened(
        opened,
        NameServers.settings(settings.generation().global(), doors.disk()),
        doors.network().addresses());
  }

  private Storage.Start openServices() {
    try {
      certificates.load();
      authentication.open();
      for (var listening : listenings) {
        listening.openDisk();
      }
    } catch (DiskFailure failure) {
      return new Storage.Start.Failed(Failure.of(failure));
    } catch (UnusableCertificate unusable) {
      return new Storage.Start.Failed(
          new Failure(ExitCode.CONFIGURATION, String.valueOf(unusable.getMessage())));
    }
    return Storage.open(doors, settings.generation(), settings.folder(), hostname(), memory);
  }

  private void closeServices() {
    listenings.forEach(Listening::closeDisk);
    certificates.close();
    authentication.close();
  }

  private String hostname() {
    return settings.generation().global().get(ServerOptions.HOSTNAME).orElse(settings.hostname());
  }

  private void open(Storage ready, Opened opened) {
    storage = ready;
    if (stopping) {
      close(ready);
      return;
    }
    var lookups = new CachingResolver(master, doors.exchanges(), opened.dns());
    resolver = lookups;
    var generation = settings.generation();
    var connectors = certificates.connectors();
    var delivery =
        new SmtpDelivery(
            new Connector(doors.network(), ids),
            domain ->
                ClientOptions.policy(
                    generation.domain(domain), hostname(), settings.folder(), connectors));
    var bounces =
        new BounceRoom(
            new BounceRoom.Settings(
                hostname(),
                BounceOptions.mostAtOnce(generation.global()),
                domain -> BounceOptions.policy(generation.domain(domain), hostname())),
            doors.platform().allocator());
    var records =
        new Domains(
            schedulers.pool(generation.global().get(ServerOptions.DELIVERY_POOL)),
            new Neighbours(
                domain -> DomainOptions.policy(generation.domain(domain)),
                new DnsRouter(
                    lookups, OurAddresses.ourselves(hostname(), bindings(), opened.interfaces())),
                delivery,
                ready.spool(),
                ready.events(),
                bounces,
                doors.log(),
                memory,
                queueMemory),
            DomainOptions.limits(generation.global()));
    domains = records;
    var intake =
        new Intake(
            ready.spool(),
            ready.events(),
            new ToDomains(records),
            Admission.strictest(records, ready.spool(), ready.events()),
            memory,
            queueMemory);
    bounces.open(intake);
    ready.recoverInto(records);
    listenings.forEach(listening -> listening.open(intake));
    certificates.watch(master, io);
    open = true;
    startup.onReady(bindings());
  }

  /** What each listener is bound to, in the order of the configuration. */
  private List<Bound> bindings() {
    return listeners.stream().map(this::bound).toList();
  }

  private Bound bound(Netlistener listener) {
    return Objects.requireNonNull(bound.get(listener));
  }

  /**
   * Drains and stops: no more mail is accepted, sessions say goodbye, deliveries under way end, and
   * what waits stays in the spool. From any thread, once.
   *
   * <p>A listener that takes what this server itself delivers accepts until the deliveries have
   * ended: else a mail on its way from here to here would be cut off, and come once more after the
   * next start.
   *
   * @param done called on the master when nothing runs any more
   */
  void stop(Runnable done) {
    master.post(
        () -> {
          stopping = true;
          stopped = done;
          if (open) {
            end(Protocol.Side.IN, this::stopDeliveries);
            return;
          }
          listenings.forEach(Listening::close);
          if (failed || storage != null) {
            done.run();
          }
          // Else the start is under way, and ends as soon as it comes to its next step.
        });
  }

  /** Ends what stands on one side: nothing more is accepted, and sessions say goodbye. */
  private void end(Protocol.Side side, Runnable ended) {
    var here = listenings.stream().filter(listening -> listening.side() == side).toList();
    here.forEach(Listening::close);
    end(here.iterator(), ended);
  }

  private void end(Iterator<Listening> left, Runnable ended) {
    if (left.hasNext()) {
      left.next().stop(() -> master.post(() -> end(left, ended)));
    } else {
      ended.run();
    }
  }

  private void stopDeliveries() {
    var records = domains;
    var lookups = resolver;
    var ready = storage;
    if (records == null || lookups == null || ready == null) {
      throw Check.bug("a server with sessions and nothing behind them");
    }
    records.stop(() -> lookups.stop(() -> end(Protocol.Side.OUT, () -> close(ready))));
  }

  private void close(Storage ready) {
    certificates.unwatch(master);
    submit(
        () -> {
          ready.close();
          closeServices();
          return true;
        },
        closed -> stopped.run());
  }

  /** The budget of content in memory, for tests that count. */
  MemoryBudget memory() {
    return memory;
  }

  /** The budget of messages, for tests that count. */
  MemoryBudget queueMemory() {
    return queueMemory;
  }

  /** The connections that are not read, for tests that count. */
  PausedReads pausedReads() {
    return pausedReads;
  }

  /** How many connections its listeners have, for tests that count. */
  long connections() {
    return listeners.stream().mapToLong(Netlistener::connections).sum();
  }

  /** The spool and the event log, for tests that count; null before the start is through. */
  @Nullable Storage storage() {
    return storage;
  }

  /** True once it is open and every message of earlier runs was handed over. */
  boolean recovered() {
    var open = storage;
    return open != null && open.recovered();
  }

  /** Look-ups, for tests that count; null before the start is through. */
  @Nullable CachingResolver resolver() {
    return resolver;
  }

  /** The domain records, for tests that count; null before the start is through. */
  @Nullable Domains domains() {
    return domains;
  }
}
