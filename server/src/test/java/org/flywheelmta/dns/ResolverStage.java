package org.flywheelmta.dns;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import org.flywheelmta.scheduler.ManualSchedulers;
import org.flywheelmta.sim.SimDns;
import org.flywheelmta.sim.Zone;

/** A resolver on the first of three schedulers, in front of simulated servers. */
final class ResolverStage {
  static final long SECOND = 1_000_000_000;
  static final long MILLISECOND = 1_000_000;
  static final InetSocketAddress ONE = new InetSocketAddress("192.0.2.53", 53);
  static final InetSocketAddress TWO = new InetSocketAddress("192.0.2.54", 53);
  static final DnsSettings SETTINGS =
      new DnsSettings(
          List.of(ONE, TWO), SECOND, 10_000, 1_000, 1_000, 5 * SECOND, 3_600 * SECOND, 30 * SECOND);

  /** The longest that a query without trouble takes. */
  static final long SOON = 40 * MILLISECOND;

  private static final int HOME = 0;
  private static final int ASKER = 1;
  private static final int OTHER = 2;

  final ManualSchedulers schedulers = new ManualSchedulers(3, 1);
  final Zone zone = new Zone("", 300, 60);
  final SimDns dns = new SimDns(zone, 1);
  final CachingResolver resolver;

  ResolverStage() {
    this(SETTINGS);
  }

  ResolverStage(DnsSettings settings) {
    var made = new ArrayList<CachingResolver>();
    schedulers.on(
        HOME,
        () -> made.add(new CachingResolver(schedulers.all().get(HOME), dns::exchange, settings)));
    this.resolver = made.getFirst();
  }

  /** The settings with other bounds of what goes out. */
  static DnsSettings bounded(int maxPending, int perSecond, int cacheSize) {
    return new DnsSettings(
        SETTINGS.servers(),
        SETTINGS.timeoutNanos(),
        maxPending,
        perSecond,
        cacheSize,
        SETTINGS.minTtlNanos(),
        SETTINGS.maxTtlNanos(),
        SETTINGS.failureTtlNanos());
  }

  /** Asks from two schedulers in turn; the answers come into the list. */
  List<Answer> ask(String name, RecordType type, int times) {
    var answers = new ArrayList<Answer>();
    for (int i = 0; i < times; i++) {
      int scheduler = i % 2 == 0 ? ASKER : OTHER;
      var asker = schedulers.all().get(scheduler);
      schedulers.on(
          scheduler,
          () -> {
            int before = answers.size();
            resolver.resolve(
                new Question(name, type),
                asker,
                answer -> {
                  asker.check();
                  answers.add(answer);
                });
            assertThat(answers).as("answered from within the call").hasSize(before);
          });
    }
    schedulers.run();
    return answers;
  }

  List<Answer> ask(String name) {
    return ask(name, RecordType.A, 1);
  }

  /** The answer, once time enough for one query has gone by. */
  Answer answer(String name, RecordType type) {
    var answers = ask(name, type, 1);
    schedulers.advance(SOON);
    assertThat(answers).as("the answer for " + name).hasSize(1);
    return answers.getFirst();
  }

  Answer answer(String name) {
    return answer(name, RecordType.A);
  }

  /** The addresses that were found. */
  List<String> addresses(String name) {
    return addresses(answer(name));
  }

  static List<String> addresses(Answer answer) {
    assertThat(answer).isInstanceOf(Answer.Found.class);
    return ((Answer.Found) answer)
        .data().stream().map(data -> ((Rdata.Address) data).address().getHostAddress()).toList();
  }

  /** How long from now an answer counts, in whole seconds. */
  long secondsLeft(Answer answer) {
    return Math.ceilDiv(answer.expiresNanos() - schedulers.nanoTime(), SECOND);
  }

  int queries() {
    return dns.queries().size();
  }

  void advance(long nanos) {
    schedulers.advance(nanos);
  }

  /** Stops it; nothing is left behind. */
  void stop() {
    var stopped = new ArrayList<Boolean>();
    resolver.stop(() -> stopped.add(true));
    schedulers.run();
    assertThat(stopped).hasSize(1);
    assertThat(resolver.pending()).isZero();
    schedulers.on(HOME, () -> assertThat(schedulers.all().get(HOME).armedEvents()).isZero());
  }
}
