package org.flywheelmta.smtp;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.List;
import org.flywheelmta.auth.AuthOptions;
import org.flywheelmta.auth.Authenticator;
import org.flywheelmta.auth.Decoys;
import org.flywheelmta.auth.GuessLimiter;
import org.flywheelmta.auth.GuessLimits;
import org.flywheelmta.auth.MemoryAccounts;
import org.flywheelmta.auth.SteppedPool;
import org.flywheelmta.base.Admission;
import org.flywheelmta.base.MemoryBudget;
import org.flywheelmta.base.NonThreadSafe;
import org.flywheelmta.base.OperatorLog;
import org.flywheelmta.config.Configured;
import org.flywheelmta.config.Schema;
import org.flywheelmta.event.AuditEvent;
import org.flywheelmta.event.MemoryEventLog;
import org.flywheelmta.hook.Hook;
import org.flywheelmta.hook.Hooks;
import org.flywheelmta.hook.Provider;
import org.flywheelmta.intake.Intake;
import org.flywheelmta.message.Message;
import org.flywheelmta.net.ConnectionIds;
import org.flywheelmta.net.Connector;
import org.flywheelmta.net.ListenerSettings;
import org.flywheelmta.net.Netlistener;
import org.flywheelmta.net.PausedReads;
import org.flywheelmta.scheduler.Scheduler;
import org.flywheelmta.sim.Link;
import org.flywheelmta.sim.SimPlatform;
import org.flywheelmta.sim.SimWorld;
import org.flywheelmta.spool.MemorySpool;
import org.jspecify.annotations.Nullable;

/**
 * The SMTP listener on a simulated network, over a spool and an event log in memory. Whatever a
 * session leaves behind, {@link #checkNothingIsLeft} finds.
 */
@NonThreadSafe
final class SmtpStage {
  /** Long enough for anything that does not wait for a timer. */
  static final long MOMENT = 200_000_000L;

  static final long SECOND = 1_000_000_000L;

  /** Ehlo and the envelope of a mail, with the replies {@link #ENVELOPE_CODES}. */
  static final String ENVELOPE = "EHLO c.test\r\nMAIL FROM:<a@x.test>\r\nRCPT TO:<b@y.test>\r\n";

  /** A whole mail after EHLO. */
  static final String MAIL = "MAIL FROM:<a@x.test>\r\nRCPT TO:<b@y.test>\r\nDATA\r\nhello\r\n.\r\n";

  static final List<String> ENVELOPE_CODES = List.of("220", "250", "250 2.1.0", "250 2.1.5");

  private static final InetSocketAddress SERVER = address("192.0.2.1", 25);
  private static final int INPUT_LIMIT_BYTES = 64 * 1024;

  final SimWorld world;
  final SimPlatform server;
  final MemorySpool spool = new MemorySpool();
  final MemoryEventLog events = new MemoryEventLog();
  final MemoryAccounts accounts = new MemoryAccounts();
  final SteppedPool hashing = new SteppedPool();
  final List<AuditEvent> audit = new ArrayList<>();
  final List<Message> handedOver = new ArrayList<>();
  final List<String> operatorLines = new ArrayList<>();
  final MemoryBudget memory;
  final MemoryBudget queueMemory;
  final PausedReads pausedReads;
  final SmtpRoom room;
  final Netlistener listener;
  final List<Scheduler> pool;
  final Scheduler master;
  Admission.Level admission = Admission.Level.OPEN;
  private final SimPlatform outside;
  private final Scheduler outsideScheduler;
  private final List<Caller> callers = new ArrayList<>();
  private final OperatorLog operator = (level, text) -> operatorLines.add(text);

  /** What a stage is made of. */
  static final class Plan {
    private long seed = 1;
    private String options = "relay_hosts = ( \"0.0.0.0/0\" )";
    private String peer = "198.51.100.7";
    private long memoryBytes = 64L << 20;
    private long queueBytes = 64L << 20;
    private long listenerBytes = Long.MAX_VALUE;
    private int sessions = 1_000;
    private int schedulers = 1;
    private Hooks hooks = Hooks.none((_, _) -> {});
    private @Nullable GuessLimits guesses;

    Plan seed(long value) {
      seed = value;
      return this;
    }

    /** Options of the listener, in place of the one that trusts everybody. */
    Plan only(String text) {
      options = text;
      return this;
    }

    /** Further options of the listener. */
    Plan with(String text) {
      options += "\n" + text;
      return this;
    }

    Plan peer(String address) {
      peer = address;
      return this;
    }

    Plan memory(long bytes) {
      memoryBytes = bytes;
      return this;
    }

    Plan queueMemory(long bytes) {
      queueBytes = bytes;
      return this;
    }

    Plan listenerMemory(long bytes) {
      listenerBytes = bytes;
      return this;
    }

    Plan sessions(int most) {
      sessions = most;
      return this;
    }

    Plan schedulers(int count) {
      schedulers = count;
      return this;
    }

    Plan hook(Hook<SessionStep, Verdict> hook, Provider<? super SessionStep, Verdict> provider) {
      hooks = hooks.with(hook, provider, Hooks.Place.LAST);
      return this;
    }

    /** Lets clients log in with {@link SmtpStage#accounts}. */
    Plan accounts(GuessLimits limits) {
      guesses = limits;
      return this;
    }

    SmtpStage start() {
      return new SmtpStage(this);
    }
  }

  private SmtpStage(Plan plan) {
    world = new SimWorld(plan.seed, SmtpStage.class);
    server = world.machine("server", SERVER.getAddress());
    outside = world.machine("outside", address(plan.peer, 0).getAddress());
    outsideScheduler = outside.schedulers("callers", 1).getFirst();
    master = server.schedulers("master", 1).getFirst();
    pool = server.schedulers("events", plan.schedulers);
    memory = new MemoryBudget("memory_limit", plan.memoryBytes);
    queueMemory = new MemoryBudget("queue_memory_limit", plan.queueBytes);
    pausedReads = new PausedReads(memory);
    var intake =
        new Intake(spool, events, handedOver::addAll, () -> admission, memory, queueMemory);
    room = new SmtpRoom(intake, plan.hooks, operator, authenticator(plan.guesses));
    var schema = Schema.builder();
    AuthOptions.declare(schema);
    SmtpOptions.declare(schema);
    var generation =
        Configured.by(
            schema.build(),
            "accounts_file = \"accounts\"\nesmtp_listener { listen \"192.0.2.1:25\" { }\n"
                + plan.options
                + "\n}");
    var listen = generation.listeners(SmtpOptions.LISTENER).getFirst().listens().getFirst();
    listener =
        new Netlistener(
            new ListenerSettings(
                "esmtp_listener",
                listen.address(),
                SERVER,
                100,
                plan.sessions,
                INPUT_LIMIT_BYTES,
                plan.listenerBytes),
            master,
            pool,
            new ConnectionIds(),
            pausedReads,
            operator,
            null);
    var sessions = room.sessions(listen, "mx.test");
    master.post(
        () ->
            listener.bind(
                server.network(),
                _ -> listener.open(sessions),
                cause -> {
                  throw new AssertionError("the listener was not bound", cause);
                }));
    moment();
  }

  private @Nullable Authenticator authenticator(@Nullable GuessLimits limits) {
    if (limits == null) {
      return null;
    }
    hashing.holding = false;
    return new Authenticator(
        accounts,
        null,
        new Decoys(() -> new byte[] {1}),
        new GuessLimiter(limits, world.clock(), server.randomness()),
        audit::add,
        hashing,
        server.randomness(),
        world.clock());
  }

  static Plan plan() {
    return new Plan();
  }

  /** A stage whose callers may send to anywhere. */
  static SmtpStage open() {
    return plan().start();
  }

  private static InetSocketAddress address(String text, int port) {
    try {
      return new InetSocketAddress(InetAddress.getByName(text), port);
    } catch (UnknownHostException impossible) {
      throw new IllegalArgumentException(text, impossible);
    }
  }

  /** Begins a connection; it is open once the world has run a moment. */
  Caller call() {
    return call(INPUT_LIMIT_BYTES, true);
  }

  /** Begins a connection that never reads what it is sent, until it is told to. */
  Caller callWithoutReading() {
    return call(1, false);
  }

  private Caller call(int inputLimitBytes, boolean reading) {
    var made = new Caller[1];
    var connector = new Connector(outside.network(), new ConnectionIds());
    outsideScheduler.post(
        () ->
            connector.connect(
                outsideScheduler,
                SERVER,
                SECOND,
                inputLimitBytes,
                connection -> {
                  made[0] = new Caller(outsideScheduler, connection, reading);
                  return made[0];
                }));
    world.runUntil(() -> made[0] != null, MOMENT);
    callers.add(made[0]);
    return made[0];
  }

  /** A connection that has said {@code text} and heard all there is to hear. */
  Caller call(String text) {
    var caller = call();
    caller.say(text);
    moment();
    return caller;
  }

  /** Says something and waits for what there is to hear. */
  List<String> say(Caller caller, String text) {
    int before = caller.codes().size();
    caller.say(text);
    moment();
    return caller.codes(before);
  }

  /** Lets everything happen that waits for no timer. */
  void moment() {
    world.run(MOMENT);
  }

  /** Pieces of at most so many bytes on connections from now on. */
  void cut(int segmentBytes) {
    world.wire().defaultLink(Link.fast().withSegmentBytes(segmentBytes));
  }

  /** A window of few bytes on connections from now on. */
  void narrow() {
    world.wire().defaultLink(Link.tiny());
  }

  /** What was handed over, released. */
  List<Message> takeMessages() {
    var taken = List.copyOf(handedOver);
    handedOver.clear();
    taken.forEach(Message::release);
    return taken;
  }

  /** Everything that sessions take is given back: connections, memory, slots, parts and buffers. */
  void checkNothingIsLeft() {
    callers.forEach(Caller::hangUp);
    moment();
    takeMessages();
    assertThat(listener.connections()).as("connections").isZero();
    assertThat(spool.held()).as("answers held back").isZero();
    assertThat(spool.unfinished()).as("transactions with parts").isZero();
    assertThat(memory.taken()).as("memory taken").isZero();
    assertThat(queueMemory.taken()).as("room taken for messages").isZero();
    assertThat(listener.memoryTaken()).as("memory of the listener").isZero();
    assertThat(pausedReads.paused()).as("connections that are not read").isZero();
    assertThat(events.reserved()).as("slots of the event log").isZero();
    assertThat(server.bytesHeld()).as("bytes of buffers").isZero();
    assertThat(outside.bytesHeld()).as("bytes of the callers' buffers").isZero();
    assertThat(operatorLines).as("complaints").isEmpty();
  }
}
