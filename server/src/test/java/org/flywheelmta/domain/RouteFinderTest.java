package org.flywheelmta.domain;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.flywheelmta.config.RouteEntry;
import org.flywheelmta.dns.RecordType;
import org.flywheelmta.dns.ZoneResolver;
import org.flywheelmta.domain.Outcome.PermanentFailure;
import org.flywheelmta.scheduler.ManualSchedulers;
import org.junit.jupiter.api.Test;

class RouteFinderTest {
  private final ManualSchedulers schedulers = new ManualSchedulers(1, 1);
  private final ZoneResolver zone = new ZoneResolver();
  private final Ourselves ourselves =
      new Ourselves(Set.of("us.example"), Set.of(new InetSocketAddress("192.0.2.99", 25)));

  private Route route(String name, int port, RoutePolicy policy) {
    var found = new ArrayList<Route>();
    var scheduler = schedulers.all().getFirst();
    var router = new DnsRouter(zone, ourselves);
    schedulers.on(0, () -> router.route(name, port, policy, scheduler, found::add));
    schedulers.run();
    assertThat(found).hasSize(1);
    return found.getFirst();
  }

  private Route route(String name) {
    return route(name, Router.NO_PORT, RoutePolicy.USUAL);
  }

  private static List<String> written(Route route) {
    return ((Route.Hosts) route)
        .hosts().stream()
            .map(mx -> mx.preference() + " " + mx.host() + " " + mx.addresses())
            .toList();
  }

  private static String enhanced(Route route) {
    var outcome = ((Route.Nowhere) route).outcome();
    boolean permanent = outcome instanceof PermanentFailure;
    assertThat(outcome.reply().enhanced()).startsWith(permanent ? "5." : "4.");
    return outcome.reply().enhanced();
  }

  private static RoutePolicy routes(String... entries) {
    var parsed = new ArrayList<RouteEntry>();
    for (var entry : entries) {
      parsed.add(RouteEntry.parse(entry).orElseThrow());
    }
    return new RoutePolicy(List.copyOf(parsed), 2525, false, false);
  }

  @Test
  void hostsComeByPreferenceWithTheirAddressesInTurns() {
    zone.mx("example.com", 20, "b.example").mx("example.com", 10, "a.example");
    zone.address("a.example", "192.0.2.1").address("a.example", "192.0.2.2");
    zone.address("a.example", "2001:db8::1").address("b.example", "192.0.2.3");
    assertThat(written(route("example.com")))
        .containsExactly(
            "10 a.example [/192.0.2.1:25, /[2001:db8:0:0:0:0:0:1]:25, /192.0.2.2:25]",
            "20 b.example [/192.0.2.3:25]");
    var six = new RoutePolicy(List.of(), 2525, false, true);
    assertThat(written(route("example.com", Router.NO_PORT, six)).getFirst())
        .startsWith("10 a.example [/[2001:db8:0:0:0:0:0:1]:2525, /192.0.2.1:2525");
  }

  @Test
  void domainWithoutMxIsItsOwnHost() {
    zone.address("example.com", "192.0.2.1");
    assertThat(written(route("example.com"))).containsExactly("0 example.com [/192.0.2.1:25]");
  }

  @Test
  void whatTakesNoMailFailsForGoodWithTheCodeOfItsReason() {
    zone.mx("null.example", 0, "").mx("dangling.example", 10, "gone.example");
    zone.address("empty.example", "192.0.2.1");
    assertThat(enhanced(route("unknown.example"))).isEqualTo("5.1.2");
    assertThat(enhanced(route("null.example"))).isEqualTo("5.1.10");
    assertThat(enhanced(route("dangling.example"))).isEqualTo("5.4.4");
    assertThat(enhanced(route("a".repeat(64) + ".example"))).isEqualTo("5.1.2");
    assertThat(enhanced(route("a..example"))).isEqualTo("5.1.2");
  }

  @Test
  void whatNobodyKnowsIsTriedAgain() {
    zone.fail("servfail.example", RecordType.MX, "SERVFAIL");
    zone.mx("half.example", 10, "lost.example").fail("lost.example", RecordType.AAAA, "time-out");
    zone.address("lost.example", "192.0.2.1");
    zone.mx("both.example", 10, "quiet.example").fail("quiet.example", RecordType.A, "time-out");
    zone.mx("ours.example", 10, "quiet.example").mx("ours.example", 20, "us.example");
    assertThat(enhanced(route("servfail.example"))).isEqualTo("4.4.3");
    assertThat(enhanced(route("both.example"))).isEqualTo("4.4.3");
    assertThat(enhanced(route("ours.example"))).isEqualTo("4.4.3");
    assertThat(written(route("half.example"))).hasSize(1);
  }

  @Test
  void shortageOfTheResolverSaysNothingOfTheMail() {
    zone.busy(true);
    assertThat(route("example.com")).isInstanceOf(Route.Later.class);
  }

  @Test
  void ourselvesAndWhatIsNotBetterOffIsLeftOut() {
    zone.mx("backup.example", 10, "first.example").mx("backup.example", 20, "us.example");
    zone.mx("backup.example", 20, "equal.example").mx("backup.example", 30, "last.example");
    zone.address("first.example", "192.0.2.1").address("equal.example", "192.0.2.2");
    zone.address("last.example", "192.0.2.3").address("alias.example", "192.0.2.99");
    zone.mx("alias.test", 5, "alias.example").mx("alias.test", 7, "last.example");
    zone.mx("only.example", 10, "us.example");
    assertThat(written(route("backup.example")))
        .containsExactly("10 first.example [/192.0.2.1:25]");
    assertThat(enhanced(route("alias.test"))).isEqualTo("5.4.6");
    assertThat(enhanced(route("only.example"))).isEqualTo("5.4.6");
  }

  @Test
  void loopbackIsRefusedUnlessAllowedAndForGatewaysAllowed() {
    zone.mx("loop.example", 10, "local.example").address("local.example", "127.0.0.1");
    assertThat(enhanced(route("loop.example"))).isEqualTo("5.4.6");
    var allowed = new RoutePolicy(List.of(), 25, true, false);
    assertThat(written(route("loop.example", Router.NO_PORT, allowed)))
        .containsExactly("10 local.example [/127.0.0.1:25]");
    assertThat(written(route("127.0.0.1", 2600, RoutePolicy.USUAL)))
        .containsExactly("0 127.0.0.1 [/127.0.0.1:2600]");
    assertThat(enhanced(route("[127.0.0.1]"))).isEqualTo("5.4.6");
    assertThat(enhanced(route("[ipv6:::1]"))).isEqualTo("5.4.6");
    assertThat(enhanced(route("[192.0.2.99]"))).isEqualTo("5.4.6");
    assertThat(written(route("loop.example", 2600, RoutePolicy.USUAL)))
        .containsExactly("10 local.example [/127.0.0.1:2600]");
  }

  @Test
  void routesGoBeforeMxRecordsAndMayNameThem() {
    zone.mx("example.com", 10, "mx.example").address("mx.example", "192.0.2.1");
    zone.address("relay.example", "192.0.2.7");
    var policy = routes("20 relay.example:587", "10 __mx__", "[2001:db8::7]");
    assertThat(written(route("example.com", Router.NO_PORT, policy)))
        .containsExactly(
            "0 2001:db8::7 [/[2001:db8:0:0:0:0:0:7]:2525]",
            "655370 mx.example [/192.0.2.1:2525]",
            "1310720 relay.example [/192.0.2.7:587]");
  }

  @Test
  void whatAnOperatorNamedWronglyBouncesNothing() {
    assertThat(enhanced(route("gone.example", 25, RoutePolicy.USUAL))).isEqualTo("4.1.2");
    assertThat(enhanced(route("example.com", Router.NO_PORT, routes("gone.example"))))
        .isEqualTo("4.4.4");
  }

  @Test
  void literalNeedsNoLookUp() {
    assertThat(written(route("[192.0.2.5]"))).containsExactly("0 [192.0.2.5] [/192.0.2.5:25]");
    assertThat(written(route("[ipv6:2001:db8::5]"))).hasSize(1);
    assertThat(zone.asked).isEmpty();
  }

  @Test
  void hostThatIsNamedTwiceHasTheBetterPreference() {
    zone.mx("example.com", 10, "a.example").mx("example.com", 20, "b.example");
    zone.mx("example.com", 5, "b.example").address("b.example", "192.0.2.2");
    zone.address("a.example", "192.0.2.1");
    assertThat(written(route("example.com")))
        .containsExactly("5 b.example [/192.0.2.2:25]", "10 a.example [/192.0.2.1:25]");
  }

  @Test
  void crowdOfHostsIsCut() {
    for (int i = 0; i < 100; i++) {
      zone.mx("crowd.example", i, "h" + i + ".example").address("h" + i + ".example", "192.0.2.1");
    }
    assertThat(written(route("crowd.example"))).hasSize(RouteFinder.HOSTS_MAX);
    assertThat(zone.asked).hasSize(1 + 2 * RouteFinder.HOSTS_MAX);
  }

  @Test
  void routeCountsAsLongAsTheShortestAnswer() {
    zone.mx("example.com", 10, "mx.example").address("mx.example", "192.0.2.1");
    long until = schedulers.all().getFirst().nanoTime() + zone.ttlNanos;
    assertThat(route("example.com").expiresNanos() - until).isBetween(0L, 1_000_000_000L);
    assertThat(route("192.0.2.1").expiresNanos()).isEqualTo(Route.FOR_EVER);
  }
}
