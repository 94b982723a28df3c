package org.flywheelmta.sim;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.random.RandomGenerator;
import org.flywheelmta.base.NonThreadSafe;
import org.flywheelmta.disk.SimDisk;

/**
 * A day of a sender's life: mails come in waves for domains of all kinds, whose hosts fail, put
 * off, refuse and move, whose name servers fail, and the server's machine loses its power. Then the
 * faults end, and all that can be delivered must be, soon.
 */
@NonThreadSafe
public final class DayScenario {
  private static final long SECOND = 1_000_000_000L;
  private static final long HOUR = 3_600 * SECOND;
  private static final int LARGE_ONE_IN = 60;
  private static final int SLOW_ONE_IN = 6;
  private static final InetSocketAddress SERVER =
      new InetSocketAddress(InetAddress.getLoopbackAddress(), 2525);

  /** Starts the lives of the server. */
  @FunctionalInterface
  public interface Lives {
    /**
     * @param dns where names are looked up
     * @param servers the option {@code dns_servers}
     * @param domains the stanzas of the configuration for all domains
     */
    ServerUnderTest.Start of(SimDns dns, String servers, String domains);
  }

  private final SimWorld world;
  private final RandomGenerator random;
  private final Day day;
  private final SimDisk disk = new SimDisk();
  private final OwedLedger ledger = new OwedLedger(this::onAcknowledged);
  private final HostsOfDay hosts;
  private final DomainsOfDay domains;
  private final DayTroubles troubles;
  private final SimSmtpClient client;
  private final ServerLives lives;
  private final EventsOfDay events = new EventsOfDay();
  private final List<SimSmtpSink.Delivery> deliveries = new ArrayList<>();
  private final List<MxHost> takers = new ArrayList<>();
  private final List<String> refusals = new ArrayList<>();
  // Recipients whose end is a failure: those that the server has, and when it had others no more.
  private final Set<String> failing = new LinkedHashSet<>();
  private final Map<String, Long> failed = new LinkedHashMap<>();
  private final long endNanos;
  // When the last life ended, until it is known what the present one has.
  private long deathNanos = Actor.NEVER;
  private int nextMail;
  private int clients;
  private int paused;

  /** Starts the first life of a server. */
  public DayScenario(SimWorld world, Day day, Lives maker) {
    this.world = world;
    this.random = world.random();
    this.day = day;
    this.endNanos = world.clock().nanoTime() + Day.NANOS;
    this.hosts = new HostsOfDay(world);
    var zone = new Zone("", 300, 30);
    this.domains = new DomainsOfDay(world, hosts, zone);
    var dns = new SimDns(zone, random.nextLong());
    var dnsTroubles = new DnsTroubles(world, domains.lame.name());
    dns.script(dnsTroubles);
    this.troubles = new DayTroubles(world, day, hosts, domains, dnsTroubles, this::probe);
    var outside = hosts.open(this::onTaken, this::onRefused, this::checkHosts);
    this.client = new SimSmtpClient(outside, SERVER, ledger);
    client.demandReplies();
    disk.tearBlocks(random.nextBoolean());
    var start = maker.of(dns, DnsTroubles.SERVERS, domains.configuration());
    this.lives = new ServerLives(world, disk, day.powerCuts(), start, SERVER, SERVER);
    lives.onDeath(this::onDeath);
    day.expectIn(world.faults());
    world.invariant(this::check);
    world.restingInvariant(this::checkAtRest);
  }

  private void onDeath() {
    events.read(disk);
    deathNanos = world.clock().nanoTime();
  }

  private void onTaken(MxHost host, List<SimSmtpSink.Delivery> taken) {
    for (var delivery : taken) {
      ledger.take(delivery);
      deliveries.add(delivery);
      takers.add(host);
    }
    lives.onDelivered();
  }

  private void onRefused(String recipient) {
    ledger.fail(recipient);
    refusals.add(recipient);
    failing.add(recipient);
    lives.onRefused();
  }

  private void onAcknowledged(String recipient) {
    var hopeless = domains.of(recipient).hopeless();
    if (hopeless != null) {
      world.faults().fire(hopeless);
      ledger.fail(recipient);
      failing.add(recipient);
    }
    lives.onAcknowledged();
  }

  private void check() {
    if (!lives.up()) {
      return;
    }
    lives.server().checkInvariants();
    var there = lives.server().waitingRecipients();
    if (there == null) {
      return;
    }
    ledger.check(there);
    for (var recipient : List.copyOf(failing)) {
      if (!there.contains(recipient)) {
        failing.remove(recipient);
        // Whoever is not there when a life begins had left before the last one ended.
        failed.put(recipient, deathNanos == Actor.NEVER ? world.clock().nanoTime() : deathNanos);
      }
    }
    deathNanos = Actor.NEVER;
  }

  /** What the hosts can see of the server's limits. */
  private void checkHosts() {
    var deliveringTo = new HashMap<String, Integer>();
    var sessions = hosts.sessions();
    within("outbound connections", sessions.size(), lives.server().mostConnections());
    for (var session : sessions) {
      if (!session.recipients().isEmpty()) {
        var domain = domains.of(session.recipients().getLast());
        int delivering = deliveringTo.merge(domain.record(), 1, Integer::sum);
        within("max_outbound_connections of " + domain.record(), delivering, domain.connections());
        within(
            "max_recipients_per_batch of " + domain.record(),
            session.recipients().size(),
            domain.batch());
      }
    }
  }

  private static void within(String limit, int value, int most) {
    if (value > most) {
      throw new AssertionError(limit + " is " + most + ", and a host sees " + value);
    }
  }

  private void checkAtRest() {
    if (!lives.up()) {
      return;
    }
    lives.server().checkAtRest();
    if (world.isAtRestForEver() && lives.server().waiting() > 0) {
      throw new AssertionError(
          lives.server().waiting() + " messages wait for nothing, and nothing will ever happen");
    }
  }

  /** What happened, in one line. */
  public String story() {
    return ledger.acknowledgedMails()
        + " mails acknowledged to "
        + ledger.acknowledged().size()
        + " recipients, "
        + deliveries.size()
        + " delivered, "
        + failed.size()
        + " failed for good, "
        + ledger.notifications()
        + " notifications, "
        + world.steps()
        + " steps; "
        + world.faults();
  }

  /**
   * Runs the day and judges.
   *
   * @throws SimFailure when a step goes wrong, a kind of trouble that was due did not come, or
   *     something is still waiting at the end
   */
  public DayVerdict run() {
    planMails();
    troubles.plan();
    world.after(Day.NANOS, "faults end", troubles::end);
    lives.live(endNanos);
    if (!lives.liveUntil(this::drained, endNanos + patienceNanos())) {
      var left = ledger.open().isEmpty() ? failing : ledger.open();
      throw world.failure(
          lives.server().waiting()
              + " messages are still waiting after all faults have ended, of "
              + left.stream().map(SimMail::domainOf).distinct().toList(),
          null);
    }
    // Whatever comes after the last message must not bring one back.
    world.run(HOUR);
    events.read(disk);
    var missing = world.faults().missing();
    if (!missing.isEmpty()) {
      throw world.failure("what was due did not happen: " + missing, null);
    }
    failing.forEach(recipient -> failed.put(recipient, endNanos));
    return new DayVerdict.Evidence(
            ledger,
            domains,
            failed,
            new Arrivals(deliveries, hopelessAndFailed(), refusals),
            takers,
            events,
            lives.crashes(),
            endNanos)
        .judge();
  }

  /** One whose sender never heard that it was taken may have failed too. */
  private Set<String> hopelessAndFailed() {
    var all = new LinkedHashSet<>(ledger.failed());
    for (var mail : ledger.sent().values()) {
      for (var recipient : mail.recipients()) {
        if (domains.of(recipient).hopeless() != null) {
          all.add(recipient);
        }
      }
    }
    return all;
  }

  private long patienceNanos() {
    return domains.all().stream().mapToLong(DayVerdict.Evidence::patienceNanos).max().orElseThrow();
  }

  private boolean drained() {
    return client.idle() && paused == 0 && lives.server().waiting() == 0;
  }

  /** Mails come in waves, and the worst comes in the middle of one. */
  private void planMails() {
    var times = new ArrayList<Long>();
    for (int i = 0; i < day.waves(); i++) {
      times.add(random.nextLong(Day.NANOS - HOUR));
    }
    for (long time : times) {
      world.after(time, "wave", this::wave);
    }
    for (int i = 0; i < day.powerCuts(); i++) {
      world.after(near(times), "power cut", lives::planPowerCut);
    }
    for (int i = 0; i < day.kills(); i++) {
      world.after(near(times), "kill", lives::planKill);
    }
  }

  private long near(List<Long> times) {
    return times.get(random.nextInt(times.size())) + random.nextLong(3 * SECOND);
  }

  private void wave() {
    int sessions = 1 + random.nextInt(day.sessions());
    for (int i = 0; i < sessions; i++) {
      var mails = new ArrayList<SimMail>();
      int count = 1 + random.nextInt(day.mails());
      for (int j = 0; j < count; j++) {
        mails.add(mail(domains.any()));
      }
      long pause = ++clients % SLOW_ONE_IN == 0 ? 1 + random.nextLong(8 * SECOND) : 0;
      send(mails, new SimSmtpClient.Manner(random.nextBoolean(), pause));
    }
  }

  /** One mail or two for some of the domains. */
  private void probe(List<DayDomain> some) {
    if (some.isEmpty()) {
      return;
    }
    var mails = new ArrayList<SimMail>();
    int count = 1 + random.nextInt(2);
    for (int i = 0; i < count; i++) {
      mails.add(mail(some.get(random.nextInt(some.size()))));
    }
    send(mails, new SimSmtpClient.Manner(random.nextBoolean(), 0));
  }

  private SimMail mail(DayDomain domain) {
    int recipients = 1 + random.nextInt(day.recipients());
    var names = new ArrayList<String>();
    for (int i = 0; i < recipients; i++) {
      names.add((i > 0 && random.nextInt(3) == 0 ? domains.any() : domain).name());
    }
    int number = ++nextMail;
    boolean large = number % LARGE_ONE_IN == 0;
    if (large) {
      world.faults().fire(Fault.LARGE_MAIL);
    }
    return SimMail.to(number, names, large, random);
  }

  private void send(List<SimMail> mails, SimSmtpClient.Manner manner) {
    client.send(
        mails,
        manner,
        unsent -> {
          if (!unsent.isEmpty()) {
            paused++;
            world.after(
                SECOND + random.nextLong(60 * SECOND),
                "send again",
                () -> {
                  paused--;
                  send(unsent, manner);
                });
          }
        });
  }
}
