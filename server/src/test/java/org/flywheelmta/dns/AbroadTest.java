package org.flywheelmta.dns;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.flywheelmta.scheduler.ManualSchedulers;
import org.flywheelmta.scheduler.Scheduler;
import org.flywheelmta.sim.SimDns;
import org.flywheelmta.sim.Zone;
import org.junit.jupiter.api.Test;

/** Servers that each know one zone alone, so that an alias is told without its target. */
final class AbroadTest {
  private static final InetSocketAddress HERE = new InetSocketAddress("192.0.2.53", 53);
  private static final InetSocketAddress ABROAD = new InetSocketAddress("192.0.2.54", 53);
  private static final long MINUTE = 60_000_000_000L;

  private final ManualSchedulers schedulers = new ManualSchedulers(1, 1);
  private final SimDns here = new SimDns(new Zone("here.test", 300, 60), 1);
  private final SimDns abroad = new SimDns(new Zone("abroad.test", 300, 60), 2);
  private final List<Question> asked = new ArrayList<>();

  private Exchange exchange(Scheduler home, long timeoutNanos) {
    var first = here.exchange(home, timeoutNanos);
    var second = abroad.exchange(home, timeoutNanos);
    return new Exchange() {
      @Override
      public void query(InetSocketAddress server, Question question, Consumer<Reply> done) {
        asked.add(question);
        (server.equals(HERE) ? first : second).query(server, question, done);
      }

      @Override
      public void close() {
        first.close();
        second.close();
      }
    };
  }

  private List<Answer> answers(String... names) {
    var answers = new ArrayList<Answer>();
    var home = schedulers.all().getFirst();
    var settings = ResolverStage.SETTINGS.withServers(List.of(HERE, ABROAD));
    schedulers.on(
        0,
        () -> {
          var resolver = new CachingResolver(home, this::exchange, settings);
          ask(resolver, List.of(names), answers);
        });
    schedulers.advance(MINUTE);
    return answers;
  }

  /** Asks for one name after the other. */
  private void ask(CachingResolver resolver, List<String> names, List<Answer> answers) {
    if (!names.isEmpty()) {
      resolver.resolve(
          new Question(names.getFirst(), RecordType.A),
          schedulers.all().getFirst(),
          answer -> {
            answers.add(answer);
            ask(resolver, names.subList(1, names.size()), answers);
          });
    }
  }

  @Test
  void targetThatIsNotToldIsAskedFor() {
    here.zone().alias("a.here.test", 10, "b.abroad.test");
    abroad.zone().addresses("b.abroad.test", 100, "192.0.2.7");
    assertThat(ResolverStage.addresses(answers("a.here.test").getFirst()))
        .containsExactly("192.0.2.7");
    assertThat(asked).contains(new Question("b.abroad.test", RecordType.A));
  }

  @Test
  void targetThatIsKnownIsNotAskedForAgain() {
    here.zone().alias("a.here.test", 10, "b.abroad.test");
    abroad.zone().addresses("b.abroad.test", 100, "192.0.2.7");
    var answers = answers("b.abroad.test", "a.here.test");
    assertThat(ResolverStage.addresses(answers.get(1))).containsExactly("192.0.2.7");
    assertThat(answers.get(0).expiresNanos() - answers.get(1).expiresNanos()).isGreaterThan(MINUTE);
    assertThat(asked.stream().filter(q -> q.name().equals("b.abroad.test")).count())
        .as("once refused, once answered")
        .isEqualTo(2);
  }

  @Test
  void negativeAnswerWithoutSoaIsKeptForASecond() {
    here.zone().alias("a.here.test", 100, "no..name");
    var answers = answers("a.here.test", "a.here.test");
    assertThat(answers).hasSize(2).allMatch(Answer.NoName.class::isInstance);
    assertThat(answers.getFirst().expiresNanos()).isEqualTo(answers.get(1).expiresNanos());
    assertThat(asked).hasSize(1);
  }

  @Test
  void aliasesInACircleOverServersFail() {
    here.zone().alias("a.here.test", 10, "b.abroad.test");
    abroad.zone().alias("b.abroad.test", 10, "a.here.test");
    assertThat(answers("a.here.test").getFirst()).isInstanceOf(Answer.Failed.class);
    assertThat(asked).hasSizeLessThan(10);
  }
}
