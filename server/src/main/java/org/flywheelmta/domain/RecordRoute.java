package org.flywheelmta.domain;

import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.flywheelmta.base.NonThreadSafe;
import org.flywheelmta.domain.RouteHost.Load;
import org.flywheelmta.event.MailEvent.Reply;
import org.flywheelmta.scheduler.Scheduler;
import org.jspecify.annotations.Nullable;

/**
 * The route of a domain record, as long as it counts, and the choice of a host for each connection:
 * of the best preference at which an address may be tried, the host with the fewest sessions of the
 * record; hosts of one preference, and addresses of one host, stand in an order that is drawn when
 * the route comes, so that many records spread over them.
 */
@NonThreadSafe
final class RecordRoute {
  /**
   * How long a route is used beyond its time where nobody can say whether it still holds (RFC 8767
   * section 5).
   */
  static final long STALE_NANOS = 86_400_000_000_000L;

  /**
   * How long a route counts at least: one whose records have a TTL of 0, or took longer to find
   * than they count, would be looked for again before it was ever used.
   */
  static final long LEAST_NANOS = 1_000_000_000L;

  private static final long LOOK_AGAIN_NANOS = 60_000_000_000L;

  /**
   * A choice.
   *
   * @param host null where none may be tried now
   * @param waitNanos after which to choose again, where there is none
   * @param isOver each that could be chosen has had its turn in this round
   */
  record Choice(@Nullable RouteHost host, long waitNanos, boolean isOver) {}

  private final DomainRecord record;
  private final Scheduler scheduler;
  private final HostTable table;
  private List<RouteHost> hosts = List.of();
  private @Nullable Route route;
  private long countsUntilNanos;
  private long staleUntilNanos;
  private int round = 1;
  private int triesInRound;
  private Reply lastFailure = new Reply("connect", 0, "4.4.1", "no host takes a connection");
  private boolean searching;
  private boolean forgotten;
  private boolean closed;

  RecordRoute(DomainRecord record) {
    this.record = record;
    this.scheduler = record.scheduler;
    this.table = record.table.hosts;
  }

  /** A search is under way, and the record is told to look again when it ends. */
  boolean isSearching() {
    return searching;
  }

  /** The route, where one counts now; otherwise it is looked for. */
  @Nullable Route inForce() {
    if (!counts() && !searching) {
      search();
    }
    return counts() ? route : null;
  }

  private boolean counts() {
    return route != null
        && !forgotten
        && (countsUntilNanos == Route.FOR_EVER || countsUntilNanos - scheduler.nanoTime() > 0);
  }

  /** For how long the route counts that is in force now. */
  long countsForNanos() {
    return Math.max(0, countsUntilNanos - scheduler.nanoTime());
  }

  private void search() {
    searching = true;
    forgotten = false;
    record
        .table
        .neighbours
        .router()
        .route(
            record.name.host(),
            record.name.port(),
            record.policy().route(),
            scheduler,
            this::onRoute);
  }

  private void onRoute(Route found) {
    scheduler.check();
    searching = false;
    if (closed) {
      return;
    }
    if (forgotten) {
      // The options changed while it was looked for.
      record.maintain();
      return;
    }
    long now = scheduler.nanoTime();
    countsUntilNanos = atLeast(found.expiresNanos(), now + LEAST_NANOS);
    if (isTransient(found) && route instanceof Route.Hosts && staleUntilNanos - now > 0) {
      // The old one goes on; the failure's time says when to ask again.
      record.maintain();
      return;
    }
    route = found;
    if (found instanceof Route.Hosts(var records, _)) {
      staleUntilNanos = now + STALE_NANOS;
      replace(records);
    } else {
      replace(List.of());
    }
    record.maintain();
  }

  private static long atLeast(long expiresNanos, long leastNanos) {
    boolean later = expiresNanos == Route.FOR_EVER || expiresNanos - leastNanos > 0;
    return later ? expiresNanos : leastNanos;
  }

  private static boolean isTransient(Route found) {
    return found instanceof Route.Later
        || (found instanceof Route.Nowhere(var outcome, _)
            && outcome instanceof Outcome.TransientFailure);
  }

  /**
   * Takes new hosts. What is open to those of before is counted where they are the same, and who
   * had its turn in this round has had it: a route may count for less time than messages wait.
   */
  private void replace(List<MxRecord> records) {
    var before = hosts;
    var loads = new HashMap<InetSocketAddress, Load>();
    var failed = new HashMap<InetSocketAddress, Integer>();
    for (var host : before) {
      loads.putIfAbsent(host.host.address, host.load);
      failed.put(host.host.address, host.failedRound);
    }
    var after = new ArrayList<RouteHost>();
    for (var mx : shuffled(records)) {
      var load = loadOf(mx, loads);
      for (var address : spread(mx.addresses())) {
        var host = new RouteHost(mx, table.use(address), load);
        host.failedRound = failed.getOrDefault(address, 0);
        after.add(host);
      }
    }
    hosts = List.copyOf(after);
    if (!hosts.isEmpty() && hadAllTheirTurn()) {
      // Those that had none are gone, and nothing else would begin another.
      beginRound();
    }
    before.forEach(host -> table.release(host.host));
  }

  private static Load loadOf(MxRecord mx, Map<InetSocketAddress, Load> loads) {
    for (var address : mx.addresses()) {
      var load = loads.get(address);
      if (load != null) {
        return load;
      }
    }
    return new Load();
  }

  /** Hosts of one preference in an order by chance. */
  private List<MxRecord> shuffled(List<MxRecord> records) {
    var order = new ArrayList<>(records);
    for (int from = 0; from < order.size(); ) {
      int to = from + 1;
      while (to < order.size() && order.get(to).preference() == order.get(from).preference()) {
        to++;
      }
      shuffle(order.subList(from, to));
      from = to;
    }
    return order;
  }

  private void shuffle(List<MxRecord> equals) {
    for (int i = equals.size() - 1; i > 0; i--) {
      int j = scheduler.random().nextInt(i + 1);
      var one = equals.get(i);
      equals.set(i, equals.get(j));
      equals.set(j, one);
    }
  }

  /** Begins at an address by chance, two on at a time, so that the families keep their turns. */
  private List<InetSocketAddress> spread(List<InetSocketAddress> addresses) {
    int pairs = addresses.size() / 2;
    if (pairs < 2) {
      return addresses;
    }
    int first = 2 * scheduler.random().nextInt(pairs);
    var order = new ArrayList<>(addresses.subList(first, addresses.size()));
    order.addAll(addresses.subList(0, first));
    return order;
  }

  /**
   * Where the next connection goes: not where one failed in this round, and not past a host of a
   * better preference that takes our mail.
   */
  Choice choose() {
    long now = scheduler.nanoTime();
    long level = Long.MIN_VALUE;
    long wait = LOOK_AGAIN_NANOS;
    boolean served = false;
    boolean over = true;
    RouteHost best = null;
    for (var host : hosts) {
      if (host.mx.preference() != level) {
        if (best != null || served) {
          break;
        }
        level = host.mx.preference();
      }
      served |= host.load.ready > 0;
      if (host.failedRound != round) {
        long opens = host.host.openInNanos(now);
        if (opens > 0 && failedWhileWaiting(host)) {
          continue;
        }
        over = false;
        wait = Math.min(wait, opens);
        boolean fewer = best == null || host.load.sessions < best.load.sessions;
        best = opens == 0 && fewer ? host : best;
      }
    }
    return new Choice(best, wait, over);
  }

  /**
   * Whether a host failed for somebody else since this record began to wait for it, which is its
   * turn for this record too: a thousand domains behind one dead host would otherwise have one
   * attempt each in a thousand pauses.
   */
  private boolean failedWhileWaiting(RouteHost host) {
    long failures = host.host.allFailures();
    if (host.failuresSeen == RouteHost.NOT_WAITING) {
      host.failuresSeen = failures;
      return false;
    }
    var reply = host.host.lastFailure();
    if (failures == host.failuresSeen || reply == null) {
      return false;
    }
    onFailure(host, reply);
    return true;
  }

  /** The record has no use for a host now: what fails meanwhile is no turn of its mail. */
  void stopWaiting() {
    for (var host : hosts) {
      host.failuresSeen = RouteHost.NOT_WAITING;
    }
  }

  /** A connection failed there: it has had its turn in this round. */
  void onFailure(RouteHost host, Reply reply) {
    host.failedRound = round;
    host.failuresSeen = RouteHost.NOT_WAITING;
    lastFailure = reply;
    triesInRound++;
  }

  /** Whether the best preference has one host alone, so that mail need not be spread. */
  boolean hasOneBest() {
    return hosts.size() == 1
        || (hosts.size() > 1 && hosts.get(0).mx.preference() != hosts.get(1).mx.preference());
  }

  /** How the last turn ended. */
  Reply lastFailure() {
    return lastFailure;
  }

  /**
   * Whether there was a try in vain at each address, or at as many as {@code mx_failures_to_delay}.
   */
  boolean isRoundOver() {
    return triesInRound >= record.policy().mxFailuresToDelay() || hadAllTheirTurn();
  }

  private boolean hadAllTheirTurn() {
    return hosts.stream().allMatch(host -> host.failedRound == round);
  }

  /**
   * Ends a round. Where {@code mx_failures_to_delay} cut it short, the next goes on with those that
   * had no turn; otherwise they would never have one behind hosts that are always dead.
   */
  void endRound() {
    triesInRound = 0;
    if (hadAllTheirTurn()) {
      round++;
    }
  }

  /** Every address may be tried again. */
  void beginRound() {
    round++;
    triesInRound = 0;
  }

  /** The options changed: it is looked for anew before the next connection. */
  void forget() {
    forgotten = true;
    staleUntilNanos = scheduler.nanoTime();
  }

  void close() {
    closed = true;
    replace(List.of());
  }
}
