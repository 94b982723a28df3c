package org.flywheelmta.sim;

import java.net.InetSocketAddress;
import java.util.random.RandomGenerator;
import org.flywheelmta.base.NonThreadSafe;
import org.flywheelmta.dns.Question;
import org.jspecify.annotations.Nullable;

/** What goes wrong with look-ups in a day: at one name server or all, or with one name. */
@NonThreadSafe
final class DnsTroubles implements SimDns.Script {
  /** What is wrong for a while. */
  enum Trouble {
    NONE,
    SERVFAIL,
    SILENT,
    SLOW,
    TRUNCATED,
    LAME
  }

  /** What the configuration names. */
  static final String SERVERS = "( \"192.0.2.53\" \"192.0.2.54\" )";

  private static final String FIRST = "192.0.2.53";
  // More than a day's mail and its retries ask: look-ups that go in circles.
  private static final int MOST_QUERIES = 100_000;

  private static final long SECOND = 1_000_000_000L;

  private final RandomGenerator random;
  private final Faults faults;
  private final String lame;
  private Trouble trouble = Trouble.NONE;
  private boolean everywhere;
  private int troubled;
  private int queries;

  /**
   * @param lame the domain whose own servers fail
   */
  DnsTroubles(SimWorld world, String lame) {
    this.random = world.random();
    this.faults = world.faults();
    this.lame = lame;
  }

  boolean isTroubled() {
    return trouble != Trouble.NONE;
  }

  /** Whether somebody has met the trouble that there is. */
  boolean hasTroubled() {
    return troubled > 0;
  }

  /** From now on there is this trouble, at all servers or at the first. */
  void begin(Trouble next, boolean atAll) {
    trouble = next;
    everywhere = atAll;
    troubled = 0;
  }

  void end() {
    trouble = Trouble.NONE;
  }

  @Override
  public SimDns.@Nullable Fault fault(InetSocketAddress server, Question question) {
    if (++queries > MOST_QUERIES) {
      throw new AssertionError("more than " + MOST_QUERIES + " queries in a day");
    }
    boolean here = everywhere || server.getAddress().equals(HostsOfDay.address(FIRST));
    return switch (trouble) {
      case NONE -> null;
      case SERVFAIL -> here ? fire(Fault.DNS_SERVFAIL, new SimDns.Fault.Code("SERVFAIL")) : null;
      case SILENT -> here ? fire(Fault.DNS_SILENT, new SimDns.Fault.Silent()) : null;
      case SLOW -> {
        var late = new SimDns.Fault.Late(SECOND + random.nextLong(5 * SECOND));
        yield here ? fire(Fault.DNS_SLOW, late) : null;
      }
      case TRUNCATED -> here ? fire(Fault.DNS_TRUNCATED, new SimDns.Fault.Truncated()) : null;
      case LAME ->
          question.name().equals(lame)
              ? fire(Fault.DNS_LAME, new SimDns.Fault.Code("SERVFAIL"))
              : null;
    };
  }

  private SimDns.Fault fire(Fault fault, SimDns.Fault what) {
    troubled++;
    faults.fire(fault);
    return what;
  }
}
