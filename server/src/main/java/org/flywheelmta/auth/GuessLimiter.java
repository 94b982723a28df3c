package org.flywheelmta.auth;

import java.net.InetAddress;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.concurrent.TimeUnit;
import org.flywheelmta.base.Check;
import org.flywheelmta.base.Clock;
import org.flywheelmta.base.ConcurrentThreadSafe;
import org.flywheelmta.base.Counter;
import org.flywheelmta.base.Randomness;
import org.flywheelmta.base.SingleThreadSafe;
import org.jspecify.annotations.Nullable;

/**
 * Says who may try a password or token, before anything is looked up or hashed (decision 24).
 * Failures are counted by address, by name and in all; pairs of both that have succeeded before
 * have a count of their own, and are not held up by what others do.
 *
 * <p>Shared by all schedulers, without locks, in some 5 MiB whatever comes. A refusal costs a few
 * hashes of short texts.
 */
@ConcurrentThreadSafe
public final class GuessLimiter {
  /** An attempt that is under way weighs this part of a failure. */
  static final int WEIGHT_PARTS = 8;

  private static final int CELLS = 1 << 16;
  private static final int TOTAL_SECONDS = 10;
  // Of an IPv6 address: what one customer of a provider has at least.
  private static final int IPV6_OCTETS = 8;
  private static final int SECRETS = 4;
  private static final GuessKey ALL = new GuessKey(0, 0, 0, 0);

  private final GuessLimits limits;
  private final Clock clock;
  private final long startNanos;
  private final byte[] secret;
  private final GuessTable addresses;
  private final GuessTable names;
  private final GuessTable total;
  private final long totalCost;
  private final KnownPairs pairs = new KnownPairs();
  private final Counter refused = new Counter("flywheel_auth_refused_total");

  public GuessLimiter(GuessLimits limits, Clock clock, Randomness randomness) {
    this.limits = limits;
    this.clock = clock;
    this.startNanos = clock.nanoTime();
    var drawn = ByteBuffer.allocate(SECRETS * Long.BYTES);
    for (int i = 0; i < SECRETS; i++) {
      drawn.putLong(randomness.secret());
    }
    this.secret = drawn.array();
    this.totalCost = TimeUnit.SECONDS.toNanos(1) / limits.failuresPerSecond();
    this.addresses = table(CELLS, limits.addressFailures() * limits.forgetNanos());
    this.names =
        table(
            CELLS,
            Math.max(limits.nameFailures(), limits.addressFailures()) * limits.forgetNanos());
    this.total = table(1, TimeUnit.SECONDS.toNanos(TOTAL_SECONDS));
  }

  // Twice of it, and a failure more, are still a number.
  private static final long MOST_NANOS = Long.MAX_VALUE / 4;

  /** What lies above a limit is cut off at twice of it, so that no lock lasts for ever. */
  private static GuessTable table(int cells, long limitNanos) {
    return new GuessTable(cells, 2 * Math.min(limitNanos, MOST_NANOS));
  }

  /**
   * Begins an attempt, from any thread.
   *
   * @param address of the client; null on a Unix socket, whose peers are counted by name alone
   * @param name prepared; empty where the client has not said one
   * @return null where it is refused
   */
  @Nullable Attempt begin(@Nullable InetAddress address, String name) {
    var from = address == null ? new byte[0] : network(address);
    long now = now();
    var pair = name.isEmpty() ? null : key('p', from, name);
    boolean known = pair != null && pairs.has(pair, now);
    var byAddress = known || address == null ? null : key('a', from, "");
    var byName = known ? pair : name.isEmpty() ? null : key('n', new byte[0], name);
    long part = limits.forgetNanos() / WEIGHT_PARTS;
    int nameFailures = known ? limits.addressFailures() : limits.nameFailures();
    boolean good =
        isWithin(addresses, byAddress, part, limits.addressFailures() * limits.forgetNanos(), now)
            && isWithin(names, byName, part, nameFailures * limits.forgetNanos(), now)
            && (known
                || isWithin(
                    total,
                    ALL,
                    totalCost / WEIGHT_PARTS,
                    TimeUnit.SECONDS.toNanos(TOTAL_SECONDS),
                    now));
    if (!good) {
      refused.increment();
      return null;
    }
    return new Attempt(byAddress, byName, pair, known, now);
  }

  private static boolean isWithin(
      GuessTable table, @Nullable GuessKey key, long more, long limit, long now) {
    return key == null || table.level(key, now) + more <= limit;
  }

  /** How many attempts were refused. */
  public Counter refused() {
    return refused;
  }

  private long now() {
    return clock.nanoTime() - startNanos;
  }

  private GuessKey key(char kind, byte[] address, String name) {
    var text = SaslText.octets(name);
    var buffer = ByteBuffer.allocate(2 + address.length + text.length);
    buffer.put((byte) kind).put((byte) address.length).put(address).put(text);
    return GuessKey.of(secret, buffer.array());
  }

  private static byte[] network(InetAddress address) {
    var octets = address.getAddress();
    return octets.length > IPV6_OCTETS ? Arrays.copyOf(octets, IPV6_OCTETS) : octets;
  }

  /** One attempt, from its beginning to its end; it ends once. */
  @SingleThreadSafe
  final class Attempt {
    private final @Nullable GuessKey byAddress;
    private final @Nullable GuessKey byName;
    private final @Nullable GuessKey pair;
    private final boolean known;
    private final long begunNanos;
    private boolean ended;

    private Attempt(
        @Nullable GuessKey byAddress,
        @Nullable GuessKey byName,
        @Nullable GuessKey pair,
        boolean known,
        long nowNanos) {
      this.byAddress = byAddress;
      this.byName = byName;
      this.pair = pair;
      this.known = known;
      this.begunNanos = nowNanos;
      if (!known) {
        charge(1, nowNanos);
      }
    }

    private void charge(int parts, long nowNanos) {
      long cost = parts * (limits.forgetNanos() / WEIGHT_PARTS);
      if (byAddress != null) {
        addresses.add(byAddress, cost, nowNanos);
      }
      if (byName != null) {
        names.add(byName, cost, nowNanos);
      }
      if (!known) {
        total.add(ALL, parts * (totalCost / WEIGHT_PARTS), nowNanos);
      }
    }

    /** It failed. Returns how long the answer waits, in nanoseconds. */
    long failed() {
      end();
      long now = now();
      charge(known ? WEIGHT_PARTS : WEIGHT_PARTS - 1, now);
      long level =
          Math.max(
              byAddress == null ? 0 : addresses.level(byAddress, now),
              byName == null ? 0 : names.level(byName, now));
      // The failures that count now, rounded up.
      long failures = Math.clamp((level + limits.forgetNanos() - 1) / limits.forgetNanos(), 1, 30);
      long delay = limits.firstDelayNanos();
      for (int i = 1; i < failures && delay < limits.longestDelayNanos(); i++) {
        delay *= 2;
      }
      return Math.min(delay, limits.longestDelayNanos());
    }

    /** It succeeded: what it weighed is taken back, and the pair is known from now on. */
    void succeeded() {
      undone();
      if (pair != null) {
        pairs.add(pair, now());
      }
    }

    /** It was not decided: what it weighed is taken back. */
    void undone() {
      end();
      if (!known) {
        long elapsed = now() - begunNanos;
        long cost = Math.max(0, limits.forgetNanos() / WEIGHT_PARTS - elapsed);
        if (byAddress != null) {
          addresses.takeBack(byAddress, cost);
        }
        if (byName != null) {
          names.takeBack(byName, cost);
        }
        total.takeBack(ALL, Math.max(0, totalCost / WEIGHT_PARTS - elapsed));
      }
    }

    /** The client gave up before it was decided: it goes on weighing until it is forgotten. */
    void abandoned() {
      end();
    }

    private void end() {
      Check.that(!ended, "an attempt that ended twice");
      ended = true;
    }
  }
}
