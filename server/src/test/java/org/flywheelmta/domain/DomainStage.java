package org.flywheelmta.domain;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.Unpooled;
import io.netty.util.NetUtil;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Function;
import org.flywheelmta.base.MemoryBudget;
import org.flywheelmta.base.MessageId;
import org.flywheelmta.base.NonThreadSafe;
import org.flywheelmta.base.OperatorLog;
import org.flywheelmta.base.TransactionId;
import org.flywheelmta.config.HostPort;
import org.flywheelmta.event.MailEvent.Reply;
import org.flywheelmta.event.MemoryEventLog;
import org.flywheelmta.message.Address;
import org.flywheelmta.message.Content;
import org.flywheelmta.message.Fields;
import org.flywheelmta.message.Message;
import org.flywheelmta.message.Message.Stage;
import org.flywheelmta.message.Stub;
import org.flywheelmta.message.Tag;
import org.flywheelmta.message.Transaction;
import org.flywheelmta.scheduler.ManualSchedulers;
import org.flywheelmta.scheduler.Scheduler;
import org.flywheelmta.scheduler.TimedEvent;
import org.flywheelmta.spool.MemorySpool;
import org.flywheelmta.spool.StoredOutcome;
import org.jspecify.annotations.Nullable;

/** The domain floor with everything around it, for a test to play on. */
@NonThreadSafe
final class DomainStage {
  static final String GATEWAY = "127.0.0.1:2600";
  static final int CONTENT_BYTES = 24;
  static final Content.Shape PLAIN = new Content.Shape(false, false, true);

  final MemoryBudget memory = new MemoryBudget("memory_limit", 100L * CONTENT_BYTES);
  final MemoryBudget queueMemory = new MemoryBudget("queue_memory_limit", 1_000_000_000);
  final ManualSchedulers schedulers;
  final ScriptedMethod method = new ScriptedMethod();
  final MemorySpool spool = new MemorySpool();
  final MemoryEventLog events = new MemoryEventLog();
  final ScriptedBounces bounces = new ScriptedBounces(spool);
  final Map<String, DomainPolicy> policies = new LinkedHashMap<>();
  // Addresses of hosts, by the domain whose mail they take without a gateway: the first is the
  // best.
  final Map<String, String> hosts = new LinkedHashMap<>();
  // How long what is found counts from when it was asked for, and how long finding it takes.
  long routeNanos = Route.FOR_EVER;
  Duration searchTime = Duration.ZERO;
  int searches;
  // The policy of a domain, and the hosts of one, that have no entry there.
  DomainPolicy anyPolicy = policy().build();
  Function<String, @Nullable String> anyHost = name -> null;
  final List<String> operator = new ArrayList<>();
  final Domains domains;
  final List<Message> made = new ArrayList<>();
  private final List<Message> unkept = new ArrayList<>();
  private final List<Content> contents = new ArrayList<>();
  // Messages that a test made and has not handed over.
  int kept;
  private int transactions;

  DomainStage(int count, long seed, Domains.Limits limits) {
    schedulers = new ManualSchedulers(count, seed);
    var neighbours =
        new Neighbours(
            domain -> policies.getOrDefault(domain, anyPolicy),
            this::route,
            method,
            spool,
            events,
            bounces,
            (OperatorLog.Level level, String text) -> operator.add(text),
            memory,
            queueMemory);
    domains = new Domains(schedulers.all(), neighbours, limits);
  }

  /** Gateways are addresses; a domain has the hosts that a test gave it, each an address. */
  private void route(
      String name, int port, RoutePolicy policy, Scheduler asker, Consumer<Route> done) {
    var known = port == Router.NO_PORT ? hosts.get(name) : name;
    var host = known == null ? anyHost.apply(name) : known;
    if (host == null) {
      var nowhere = new Reply("route", 0, "4.4.4", "no route to " + name);
      done.accept(
          new Route.Nowhere(
              new Outcome.TransientFailure(nowhere, Outcome.Scope.DOMAIN),
              asker.nanoTime() + 1_000_000_000));
      return;
    }
    var found = new ArrayList<MxRecord>();
    int to = port == Router.NO_PORT ? 25 : port;
    for (var one : host.split(" ", -1)) {
      var address = new InetSocketAddress(NetUtil.createInetAddressFromIpAddressString(one), to);
      found.add(new MxRecord(found.size(), one, List.of(address)));
    }
    searches++;
    boolean endless = routeNanos == Route.FOR_EVER;
    var route = new Route.Hosts(found, endless ? routeNanos : asker.nanoTime() + routeNanos);
    if (searchTime.isZero()) {
      done.accept(route);
    } else {
      asker.arm(TimedEvent.of(now -> done.accept(route)), searchTime.toNanos());
    }
  }

  DomainStage() {
    this(1, 1, limits(10_000, 20_000));
  }

  /** Limits of the floor, with the usual time for a stop. */
  static Domains.Limits limits(int handover, int connections) {
    return new Domains.Limits(
        handover, connections, Duration.ofSeconds(30).toNanos(), Set.of("hot.com"));
  }

  /** Options for a test to change; everything goes to the gateway. */
  static Options policy() {
    return new Options();
  }

  static final class Options {
    int connections = 4;
    Duration retry = Duration.ofMinutes(20);
    Duration maxRetry = Duration.ofHours(12);
    Duration expiration = Duration.ofDays(7);
    Duration hostRetry = Duration.ofMinutes(2);
    Duration patience = Duration.ZERO;
    int recipients = 100;
    boolean suspend;
    boolean blackhole;
    @Nullable String gateway = GATEWAY;
    int mxFailures = 10;

    DomainPolicy build() {
      return new DomainPolicy(
          connections,
          retry.toNanos(),
          maxRetry.toNanos(),
          expiration.toNanos(),
          hostRetry.toNanos(),
          patience.toNanos(),
          recipients,
          suspend,
          blackhole,
          gateway == null ? null : HostPort.parse(gateway).orElseThrow(),
          mxFailures,
          RoutePolicy.USUAL);
    }
  }

  /** The options of the gateway, under its own name. */
  void gateway(Options options) {
    policies.put("127.0.0.1", options.build());
  }

  Transaction transaction(int recipients, Fields fields) {
    var id = TransactionId.of(schedulers.wallMicros(), 0, transactions++);
    var octets = "Subject: test\r\n\r\nHello\r\n".getBytes(StandardCharsets.US_ASCII);
    spool.put(id, octets);
    return new Transaction(
        id,
        schedulers.wallMicros(),
        Address.of("sender@example.net"),
        fields,
        recipients,
        octets.length,
        PLAIN);
  }

  /** The messages of one transaction, one for each recipient, with their content in memory. */
  List<Message> messages(String... recipients) {
    var content = content();
    var messages = new ArrayList<Message>();
    var transaction = transaction(recipients.length, Fields.NONE);
    for (int i = 0; i < recipients.length; i++) {
      messages.add(message(transaction, i, recipients[i], content.retain()));
    }
    content.release();
    return messages;
  }

  Content content() {
    memory.take(CONTENT_BYTES);
    var bytes = Unpooled.wrappedBuffer(new byte[CONTENT_BYTES]);
    var content = new Content(bytes, PLAIN, memory, CONTENT_BYTES);
    contents.add(content);
    return content;
  }

  Message message(Transaction transaction, int index, String to, @Nullable Content content) {
    return message(transaction, index, to, Fields.NONE, content);
  }

  /** A message that the spool keeps too, once all recipients of its transaction are made. */
  Message message(
      Transaction transaction, int index, String to, Fields fields, @Nullable Content content) {
    var message = new Message(transaction, index, Address.of(to), fields, Stage.COMMITTED, content);
    made.add(message);
    unkept.add(message);
    if (index == transaction.recipients() - 1) {
      spool.put(unkept);
      unkept.clear();
    }
    return message;
  }

  /** What a restart makes of a message that waits in the spool. */
  Stub stub(Message message) {
    return new Stub(
        message.transaction().id(),
        message.index(),
        message.recipient().domain(),
        message.attempts(),
        Math.max(message.dueMicros(), message.micros(Tag.NOT_BEFORE)),
        message.micros(Tag.EXPIRY));
  }

  /** Hands messages over as a restart does; false when there is no room. */
  boolean recover(Message... messages) {
    return recover(List.of(messages));
  }

  boolean recover(List<Message> messages) {
    boolean taken = domains.onRecovered(messages.stream().map(this::stub).toList());
    messages.stream().filter(message -> message.refCnt() > 0).forEach(Message::release);
    return taken;
  }

  /** The outcome that the spool has of a message; null for none. */
  @Nullable StoredOutcome outcome(Message message) {
    return spool.latest.get(message.id());
  }

  /** Whether a message has come to its end. */
  boolean isDone(Message message) {
    var outcome = outcome(message);
    return outcome != null && outcome.kind().isFinal();
  }

  boolean isAllDone() {
    return made.stream().allMatch(this::isDone);
  }

  /** How many attempts failed so far of a message that waits. */
  int attempts(Message message) {
    var outcome = outcome(message);
    return outcome == null ? message.attempts() : outcome.attempts();
  }

  /** When one is tried again that was attempted, wall clock microseconds. */
  long dueMicros(Message message) {
    var outcome = outcome(message);
    return outcome == null ? message.dueMicros() : outcome.dueMicros();
  }

  /** A message of its own that is enqueued. */
  Message send(String recipient) {
    var messages = messages(recipient);
    domains.enqueue(messages);
    return messages.getFirst();
  }

  void advance(Duration duration) {
    schedulers.advance(duration.toNanos());
  }

  /** Each message is in one place, in the stage and with the references of that place. */
  void checkPlaces() {
    var seen = new HashMap<MessageId, Waiting.Place>();
    long[] expected = new long[4];
    for (int i = 0; i < domains.tables().size(); i++) {
      var table = domains.tables().get(i);
      schedulers.on(i, () -> table.forEach(waiting -> look(waiting, seen)));
      expected[0] += table.totals.active();
      expected[1] += table.totals.delayed();
      expected[2] += table.totals.delivering();
      expected[3] += table.totals.bouncing();
    }
    long[] found = new long[4];
    for (var place : seen.values()) {
      switch (place) {
        case ACTIVE, PREPARED -> found[0]++;
        case DELAYED -> found[1]++;
        case DELIVERING -> found[2]++;
        case BOUNCING -> found[3]++;
        case NONE -> throw new AssertionError("a message is listed and nowhere");
      }
    }
    assertThat(found).isEqualTo(expected);
    assertThat(events.reserved()).isEqualTo((int) found[2] + bounces.underWay());
    long done = made.stream().filter(this::isDone).count();
    assertThat(done + seen.size() + domains.inHandover() + kept).isEqualTo(made.size());
    assertThat(method.open).isEqualTo((int) sessions());
    checkTokens();
  }

  /** Each token of a limit is with a session, in hand, or under way. */
  void checkTokens() {
    var ofNames = new IdentityHashMap<ConnectionLimit, Integer>();
    int[] ofServer = new int[1];
    forEachRecord(
        record -> {
          ofNames.merge(record.limit(), record.tokensOfName(), Integer::sum);
          ofServer[0] += record.tokensOfServer();
        });
    ofNames.forEach((limit, tokens) -> assertThat(limit.taken()).isEqualTo(tokens));
    assertThat(domains.connections.taken()).isEqualTo(ofServer[0]);
  }

  void forEachRecord(Consumer<DomainRecord> visitor) {
    for (int i = 0; i < domains.tables().size(); i++) {
      var table = domains.tables().get(i);
      schedulers.on(i, () -> table.forEachRecord(visitor));
    }
  }

  private long sessions() {
    return domains.totals().stream().mapToLong(QueueTotals::sessions).sum();
  }

  private static void look(Waiting waiting, Map<MessageId, Waiting.Place> seen) {
    var id = new MessageId(waiting.id(), waiting.index);
    assertThat(seen.put(id, waiting.place)).as("a message in two places").isNull();
    var message = waiting.inMemory();
    if (message == null) {
      assertThat(waiting.place).isNotEqualTo(Waiting.Place.DELIVERING);
      return;
    }
    assertThat(message.id()).isEqualTo(id);
    assertThat(message.refCnt()).isEqualTo(1);
    var stage = waiting.place == Waiting.Place.DELIVERING ? Stage.DELIVERING : Stage.QUEUED;
    assertThat(message.stage()).isEqualTo(stage);
    assertThat(waiting.place).isNotEqualTo(Waiting.Place.DELAYED);
    if (waiting.place == Waiting.Place.BOUNCING) {
      assertThat(message.content()).isNull();
    }
  }

  /** Stops the floor; nothing may be held or armed afterwards. */
  void stop() {
    var done = new int[1];
    schedulers.run();
    domains.stop(() -> done[0]++);
    advance(Duration.ofMinutes(1));
    assertThat(done[0]).as("the stop is complete").isEqualTo(1);
    for (var message : made) {
      assertThat(message.refCnt()).isZero();
    }
    for (var content : contents) {
      assertThat(content.refCnt()).isZero();
    }
    for (var content : spool.loaded) {
      assertThat(content.refCnt()).isZero();
    }
    assertThat(events.reserved()).isZero();
    assertThat(sessions()).isZero();
    assertThat(domains.connections.taken()).isZero();
    assertThat(domains.sharded.size()).isZero();
    assertThat(memory.taken()).isZero();
    assertThat(queueMemory.taken()).isZero();
    for (int i = 0; i < schedulers.all().size(); i++) {
      int index = i;
      schedulers.on(i, () -> assertThat(schedulers.all().get(index).armedEvents()).isZero());
    }
  }
}
