package org.flywheelmta.main;

import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.function.Consumer;
import org.flywheelmta.base.Admission;
import org.flywheelmta.base.Check;
import org.flywheelmta.base.MemoryBudget;
import org.flywheelmta.base.NonThreadSafe;
import org.flywheelmta.config.Generation;
import org.flywheelmta.config.Listen;
import org.flywheelmta.config.Option;
import org.flywheelmta.dns.CachingResolver;
import org.flywheelmta.dns.DnsSettings;
import org.flywheelmta.domain.DnsRouter;
import org.flywheelmta.domain.DomainOptions;
import org.flywheelmta.domain.Domains;
import org.flywheelmta.domain.Neighbours;
import org.flywheelmta.domain.Ourselves;
import org.flywheelmta.domain.OutcomeListener;
import org.flywheelmta.hook.Hooks;
import org.flywheelmta.intake.Intake;
import org.flywheelmta.net.ConnectionIds;
import org.flywheelmta.net.Connector;
import org.flywheelmta.net.ListenerSettings;
import org.flywheelmta.net.Netlistener;
import org.flywheelmta.net.PausedReads;
import org.flywheelmta.scheduler.Job;
import org.flywheelmta.scheduler.Scheduler;
import org.flywheelmta.scheduler.Schedulers;
import org.flywheelmta.scheduler.ThreadPool;
import org.flywheelmta.smtp.ClientOptions;
import org.flywheelmta.smtp.SmtpDelivery;
import org.flywheelmta.smtp.SmtpOptions;
import org.flywheelmta.smtp.SmtpRoom;
import org.jspecify.annotations.Nullable;

/**
 * One server: every room, joined. It starts as a whole or not at all: listeners are bound first,
 * then the spool is opened, and only then is anything accepted. It lives on the master scheduler.
 */
@NonThreadSafe
final class Server {
  private static final int INPUT_LIMIT_BYTES = 16 * 1024;

  private final Doors doors;
  private final Settings settings;
  private final Schedulers schedulers;
  private final List<Scheduler> sessionSchedulers;
  private final Scheduler master;
  private final ThreadPool io;
  private final Startup startup;
  private final ConnectionIds ids = new ConnectionIds();
  private final List<Netlistener> listeners = new ArrayList<>();
  // The stanza of each listener, in the same order.
  private final List<Listen> listens = new ArrayList<>();
  private final List<Bound> bound = new ArrayList<>();
  private final MemoryBudget memory;
  private final MemoryBudget queueMemory;
  private final PausedReads pausedReads;
  private @Nullable Storage storage;
  private @Nullable CachingResolver resolver;
  private @Nullable Domains domains;
  private @Nullable SmtpRoom smtp;
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
    this.memory = budget("memory_limit", ServerOptions.MEMORY_LIMIT);
    this.queueMemory = budget("queue_memory_limit", ServerOptions.QUEUE_MEMORY_LIMIT);
    MemoryReport.ofContent(memory, doors.log());
    MemoryReport.ofMessages(queueMemory, doors.log());
    this.pausedReads = new PausedReads(memory);
    this.sessionSchedulers = prepareListeners();
  }

  private MemoryBudget budget(String name, Option<Long> option) {
    long limit = settings.generation().global().get(option);
    return new MemoryBudget(name, limit > 0 ? limit : settings.memoryBytes() / 2);
  }

  /** Starts a server; {@code startup} is told how it went. */
  static Server start(Doors doors, Settings settings, Startup startup) {
    var server = new Server(doors, settings, startup);
    server.master.post(server::bindAll);
    return server;
  }

  /** Makes the listeners; returns the schedulers that serve any of them. */
  private List<Scheduler> prepareListeners() {
    var serving = new LinkedHashSet<Scheduler>();
    for (var listener : settings.generation().listeners(SmtpOptions.LISTENER)) {
      for (var listen : listener.listens()) {
        var pool = schedulers.pool(listen.scope().get(ServerOptions.EVENT_LOOP));
        serving.addAll(pool);
        listeners.add(
            new Netlistener(listenerSettings(listen), master, pool, ids, pausedReads, doors.log()));
        listens.add(listen);
      }
    }
    return List.copyOf(serving);
  }

  private ListenerSettings listenerSettings(Listen listen) {
    var address = ListenAddress.parse(listen.address());
    if (address == null) {
      throw new IllegalStateException("an address that the configuration's check has let pass");
    }
    long listenerMemory = listen.scope().get(ServerOptions.LISTENER_MEMORY);
    return new ListenerSettings(
        SmtpOptions.LISTENER.listener().name(),
        listen.address(),
        address,
        listen.scope().get(ServerOptions.LISTEN_BACKLOG),
        listen.scope().get(ServerOptions.LISTENER_SESSIONS),
        INPUT_LIMIT_BYTES,
        listenerMemory > 0 ? listenerMemory : Long.MAX_VALUE);
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
    bound.add(new Bound(listener.settings().kind(), address));
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
      listeners.forEach(Netlistener::close);
      startup.onFailed(failure);
    }
  }

  private void openStorage() {
    var node = hostname();
    submit(
        () ->
            new Opened(
                Storage.open(
                    doors, settings.generation(), settings.folder(), node, memory, queueMemory),
                NameServers.settings(settings.generation().global(), doors.disk())),
        opened -> {
          switch (opened.storage()) {
            case Storage.Start.Ok(var ready) -> open(ready, opened.dns());
            case Storage.Start.Failed(var failure) -> fail(failure);
          }
        });
  }

  /** What was read from the disk off the schedulers. */
  private record Opened(Storage.Start storage, DnsSettings dns) {}

  private String hostname() {
    return settings.generation().global().get(ServerOptions.HOSTNAME).orElse(settings.hostname());
  }

  private Ourselves ourselves() {
    var addresses = new LinkedHashSet<InetSocketAddress>();
    for (var listener : bound) {
      if (listener.address() instanceof InetSocketAddress address) {
        addresses.add(address);
      }
    }
    return new Ourselves(
        Set.of(hostname().toLowerCase(Locale.ROOT)), Collections.unmodifiableSet(addresses));
  }

  private void open(Storage ready, DnsSettings dns) {
    storage = ready;
    if (stopping) {
      close(ready);
      return;
    }
    var lookups = new CachingResolver(master, doors.exchanges(), dns);
    resolver = lookups;
    var generation = settings.generation();
    var delivery =
        new SmtpDelivery(
            new Connector(doors.network(), ids),
            domain -> ClientOptions.policy(generation.domain(domain), hostname()));
    var records =
        new Domains(
            schedulers.pool(generation.global().get(ServerOptions.DELIVERY_POOL)),
            new Neighbours(
                domain -> DomainOptions.policy(generation.domain(domain)),
                new DnsRouter(lookups, ourselves()),
                delivery,
                ready.spool(),
                ready.events(),
                OutcomeListener.NONE,
                doors.log(),
                memory),
            DomainOptions.limits(generation.global()));
    domains = records;
    ready.recoverInto(records);
    var intake =
        new Intake(
            ready.spool(),
            ready.events(),
            records::enqueue,
            Admission.strictest(records, ready.spool(), ready.events()),
            memory,
            queueMemory);
    smtp = new SmtpRoom(intake, settings.hooks(), doors.log());
    for (int i = 0; i < listeners.size(); i++) {
      listeners.get(i).open(smtp.sessions(listens.get(i), hostname()));
    }
    startup.onReady(List.copyOf(bound));
  }

  /**
   * Drains and stops: nothing more is accepted, sessions say goodbye, deliveries under way end, and
   * what waits stays in the spool. From any thread, once.
   *
   * @param done called on the master when nothing runs any more
   */
  void stop(Runnable done) {
    master.post(
        () -> {
          stopping = true;
          stopped = done;
          listeners.forEach(Netlistener::close);
          var room = smtp;
          if (room != null) {
            room.stop(sessionSchedulers, () -> master.post(this::stopDeliveries));
          } else if (failed || storage != null) {
            done.run();
          }
          // Else the start is under way, and ends as soon as it comes to its next step.
        });
  }

  private void stopDeliveries() {
    var records = domains;
    var lookups = resolver;
    var open = storage;
    if (records == null || lookups == null || open == null) {
      throw Check.bug("a server with sessions and nothing behind them");
    }
    records.stop(() -> lookups.stop(() -> close(open)));
  }

  private void close(Storage open) {
    submit(
        () -> {
          open.close();
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
