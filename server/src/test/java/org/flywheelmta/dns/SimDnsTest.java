package org.flywheelmta.dns;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import org.flywheelmta.scheduler.Scheduler;
import org.flywheelmta.sim.SimDns;
import org.flywheelmta.sim.SimWorld;
import org.jspecify.annotations.Nullable;

/** The simulated exchange keeps the contract. */
final class SimDnsTest extends ExchangeContract {
  private static final long LIMIT_NANOS = 60_000_000_000L;
  private static final InetSocketAddress SERVER =
      new InetSocketAddress(InetAddress.getLoopbackAddress(), DnsOptions.PORT);

  private final SimWorld world = new SimWorld(1, SimDnsTest.class);
  private final Scheduler home = world.machine("m").schedulers("events", 1).getFirst();
  private final SimDns dns = new SimDns(zone(), 1);

  @Override
  List<Reply> ask(List<Question> questions) {
    dns.fail("longtext." + APEX, new SimDns.Fault.Truncated());
    var replies = new ArrayList<@Nullable Reply>();
    questions.forEach(_ -> replies.add(null));
    home.post(
        () -> {
          var exchange = dns.exchange(home, LIMIT_NANOS);
          for (int i = 0; i < questions.size(); i++) {
            int index = i;
            exchange.query(SERVER, questions.get(i), reply -> replies.set(index, reply));
          }
        });
    assertThat(world.runUntil(() -> !replies.contains(null), LIMIT_NANOS)).isTrue();
    var all = new ArrayList<Reply>();
    for (var reply : replies) {
      if (reply != null) {
        all.add(reply);
      }
    }
    return all;
  }
}
