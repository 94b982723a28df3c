package org.flywheelmta.main;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import org.flywheelmta.base.Check;
import org.flywheelmta.base.MemoryBudget;
import org.flywheelmta.base.MemoryBudget.Level;
import org.flywheelmta.base.MemoryCounters;
import org.flywheelmta.base.NonThreadSafe;
import org.flywheelmta.base.OperatorLog;
import org.flywheelmta.config.Configured;
import org.flywheelmta.disk.SimDisk;
import org.flywheelmta.hook.Hooks;
import org.flywheelmta.message.Stub;
import org.flywheelmta.sim.Ledger;
import org.flywheelmta.sim.Link;
import org.flywheelmta.sim.SimDns;
import org.flywheelmta.sim.SimMail;
import org.flywheelmta.sim.SimPlatform;
import org.flywheelmta.sim.SimSmtpClient;
import org.flywheelmta.sim.SimSmtpSink;
import org.flywheelmta.sim.SimWorld;
import org.flywheelmta.sim.SinkScript;

/**
 * A server with a megabyte for content meets two hundred clients that drip, a few that do not read
 * and a gateway that stalls; it is killed and started again in the middle, and the same comes once
 * more. Then all trouble ends.
 */
@NonThreadSafe
final class MemoryPressureScenario {
  static final long SECOND = 1_000_000_000L;
  static final long BUDGET_BYTES = 1L << 20;

  /** How far above the budget its count may be: one content that is read back for delivery. */
  static final long ABOVE_BYTES = 128 * 1024;

  /**
   * Buffers beside it: replies that a few do not read, and what the spool, the network and delivery
   * have in hand.
   */
  static final long UNCOUNTED_BYTES = ABOVE_BYTES + 1024 * 1024;

  private static final int DRIPPING = 250;
  private static final int DEAF = 5;
  private static final InetSocketAddress SERVER =
      new InetSocketAddress(InetAddress.getLoopbackAddress(), 2525);
  private static final InetSocketAddress GATEWAY =
      new InetSocketAddress(InetAddress.getLoopbackAddress(), 2600);
  private static final String CONFIGURATION =
      """
      hostname = "mta.test"
      dns_servers = "192.0.2.53"
      gateway = "127.0.0.1:2600"
      max_outbound_connections = 4
      retry_interval = 10s
      max_retry_interval = 1m
      connect_timeout = 20s
      body_timeout = 60s
      eventloop "events" { concurrency = 2 }
      spool { path = "spool"  segment_size = 1MB }
      esmtp_listener {
        max_recipients_per_message = 100
        listen "127.0.0.1:2525" { relay_hosts = ( "127.0.0.0/8" ) }
      }
      """;

  final SimWorld world;
  final Ledger ledger = new Ledger();
  final SimSmtpSink sink;
  final List<String> operatorLines = new ArrayList<>();
  final Map<String, Long> counts = new LinkedHashMap<>();
  long mostTaken;
  long mostHeld;
  long mostPaused;
  private final SimDisk disk = new SimDisk();
  private final SimSmtpClient client;
  private final SlowClients slow;
  private SimPlatform machine;
  private Server server;
  private boolean ready;
  private long pausedUntilNanos;
  private int nextMail;

  MemoryPressureScenario(SimWorld world) {
    this.world = world;
    var outside = world.machine("outside");
    this.sink = new SimSmtpSink(outside, GATEWAY, SinkScript.well());
    this.client = new SimSmtpClient(outside, SERVER, ledger);
    this.slow = new SlowClients(outside, SERVER, ledger);
    this.machine = world.machine("server");
    this.server = start(2 * BUDGET_BYTES);
    world.invariant(this::check);
  }

  private Server start(long memoryBytes) {
    machine.attach(disk);
    ready = false;
    OperatorLog log =
        (level, text) -> {
          operatorLines.add(text);
          if (level == OperatorLog.Level.ERROR) {
            throw Check.bug("the operator log has an error: " + text);
          }
        };
    return Server.start(
        new Doors(machine, disk, machine.network(), SimDns.withoutNames(1)::exchange, log),
        new Server.Settings(
            Configured.by(ServerOptions.schema(), CONFIGURATION),
            Path.of("/data"),
            "mta.test",
            2,
            memoryBytes,
            Hooks.none(log)),
        new Server.Startup() {
          @Override
          public void onReady(List<Server.Bound> listeners) {
            ready = true;
          }

          @Override
          public void onFailed(Failure failure) {
            throw Check.bug("the server did not start: " + failure.line());
          }
        });
  }

  private void check() {
    if (!machine.up()) {
      return;
    }
    var memory = server.memory();
    mostTaken = Math.max(mostTaken, memory.taken());
    mostHeld = Math.max(mostHeld, machine.bytesHeld());
    mostPaused = Math.max(mostPaused, server.pausedReads().paused());
    var level = memory.level();
    int least = level.percent() - MemoryBudget.HYSTERESIS_PERCENT;
    assertThat(memory.taken())
        .as("what level %s stands for", level)
        .isGreaterThanOrEqualTo(memory.maximum() * least / 100);
    if (level == Level.PAUSING) {
      pausedUntilNanos = world.clock().nanoTime() + SECOND;
    } else if (world.clock().nanoTime() > pausedUntilNanos) {
      assertThat(server.pausedReads().paused())
          .as("connections that are still not read a second after the pause")
          .isZero();
    }
    long messages = messages();
    assertThat(server.queueMemory().taken())
        .as("room for %d messages", messages)
        .isGreaterThanOrEqualTo(messages * (long) Stub.ENTRY_BYTES);
  }

  /** Runs it all; the server is idle afterwards. */
  void run() {
    awaitReady();
    press();
    keepCounts();
    // In the middle of everything: what was acknowledged is in the spool alone.
    restart(2 * BUDGET_BYTES);
    press();
    recover();
    keepCounts();
  }

  void awaitReady() {
    assertThat(world.runUntil(() -> ready, 60 * SECOND)).isTrue();
  }

  /** Kills the server and starts the next with twice as much memory as its budgets have. */
  void restart(long memoryBytes) {
    machine.kill();
    disk.killProcess();
    world.run(5 * SECOND);
    machine = world.machine("server");
    server = start(memoryBytes);
    awaitReady();
  }

  /** The gateway does not answer any more, so that the queue grows. */
  void stallGateway() {
    world.wire().link(GATEWAY, Link.fast().vanishing());
    sink.script((stage, argument, now) -> new SinkScript.Silence());
  }

  void healGateway() {
    sink.script(SinkScript.well());
    world.wire().link(GATEWAY, Link.fast());
  }

  /** Everything that holds memory, at once. */
  private void press() {
    for (int i = 0; i < 4; i++) {
      send(5, 2_000 + world.random().nextInt(30_000));
    }
    world.run(3 * SECOND);
    stallGateway();
    for (int i = 0; i < 8; i++) {
      send(4, 10_000 + world.random().nextInt(40_000));
    }
    world.run(5 * SECOND);
    for (int i = 0; i < DRIPPING; i++) {
      var mail = mail(1, 9_000 + world.random().nextInt(30_000));
      long pause = SECOND / 4 + world.random().nextLong(SECOND);
      world.after(world.random().nextLong(3 * SECOND), "drip", () -> slow.drip(mail, pause));
    }
    for (int i = 0; i < DEAF; i++) {
      world.after(world.random().nextLong(3 * SECOND), "ask", slow::ask);
    }
    world.run(8 * SECOND);
    for (int i = 0; i < 4; i++) {
      slow.burst(2_000 + world.random().nextInt(3_000));
      world.run(2 * SECOND);
    }
    healGateway();
    send(3, 5_000);
    world.run(2 * SECOND);
  }

  /** All trouble ends, and everything that was taken on is delivered. */
  void recover() {
    slow.finish();
    boolean drained =
        world.runUntil(
            () -> client.idle() && slow.dripping() == 0 && waiting() == 0, 3_600 * SECOND);
    if (!drained) {
      throw world.failure(waiting() + " messages wait, " + slow.dripping() + " clients drip", null);
    }
    // Beyond the time that a client has for its next command.
    world.run(900 * SECOND);
  }

  private void keepCounts() {
    var memory = server.memory();
    for (var level : List.of(Level.REFUSING, Level.SPILLING, Level.PAUSING)) {
      add("entered " + level, memory.counters().entered(level));
      add("left " + level, memory.counters().left(level));
    }
    MemoryCounters counters = memory.counters();
    add("refusals", counters.refusals.value());
    add("spills", counters.spills.value());
    add("swaps out", counters.swapsOut.value());
    add("pauses", counters.pauses.value());
    add("resets", counters.resets.value());
  }

  private void add(String what, long count) {
    counts.merge(what, count, Long::sum);
  }

  Server server() {
    return server;
  }

  long waiting() {
    // Nobody knows before recovery is through, so at least one may wait.
    return server.recovered() ? messages() : Math.max(1, messages());
  }

  private long messages() {
    var domains = server.domains();
    if (domains == null) {
      return 0;
    }
    long waiting = domains.inHandover();
    for (var totals : domains.totals()) {
      waiting += totals.all();
    }
    return waiting;
  }

  /** Recipients that were acknowledged and not delivered whole. */
  List<String> lost() {
    var whole = new LinkedHashSet<String>();
    for (var delivery : sink.deliveries()) {
      var mail = mailTo(delivery.recipient());
      byte[] got = delivery.content();
      int from = got.length - mail.content().length;
      if (from >= 0 && Arrays.equals(mail.content(), Arrays.copyOfRange(got, from, got.length))) {
        whole.add(delivery.recipient());
      }
    }
    return ledger.acknowledged().stream().filter(to -> !whole.contains(to)).toList();
  }

  /** Recipients that were refused and delivered all the same. */
  List<String> invented() {
    return sink.deliveries().stream()
        .map(SimSmtpSink.Delivery::recipient)
        .filter(ledger.refused()::contains)
        .toList();
  }

  private SimMail mailTo(String recipient) {
    int number = Integer.parseInt(recipient.substring(1, recipient.indexOf('.')));
    var mail = ledger.sent().get(number);
    if (mail == null) {
      throw new AssertionError("nobody sent a mail to " + recipient);
    }
    return mail;
  }

  void send(int count, int bytes) {
    var mails = new ArrayList<SimMail>();
    for (int i = 0; i < count; i++) {
      mails.add(mail(1 + world.random().nextInt(3), bytes));
    }
    var manner = new SimSmtpClient.Manner(world.random().nextBoolean(), 0);
    world.after(world.random().nextLong(SECOND), "send", () -> client.send(mails, manner, _ -> {}));
  }

  private SimMail mail(int recipients, int bytes) {
    int number = ++nextMail;
    var to = new ArrayList<String>();
    for (int i = 0; i < recipients; i++) {
      to.add("m" + number + "." + i + "@example.com");
    }
    var text = new StringBuilder("X-Sim-Mail: " + number + "\r\nSubject: pressure\r\n\r\n");
    while (text.length() < bytes) {
      text.append("line ").append(text.length()).append(" of mail ").append(number).append("\r\n");
    }
    var content = text.toString().getBytes(StandardCharsets.US_ASCII);
    return new SimMail(number, "s" + number + "@sender.example", List.copyOf(to), content);
  }
}
