package org.flywheelmta.main;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.flywheelmta.base.Check;
import org.flywheelmta.base.OperatorLog;
import org.flywheelmta.config.Configured;
import org.flywheelmta.disk.SimDisk;
import org.flywheelmta.dns.Answer;
import org.flywheelmta.dns.Question;
import org.flywheelmta.dns.RecordType;
import org.flywheelmta.hook.Hooks;
import org.flywheelmta.sim.SimDns;
import org.flywheelmta.sim.SimPlatform;
import org.flywheelmta.sim.SimWorld;
import org.junit.jupiter.api.Test;

/** A whole server in a simulation can look names up from its start to its stop. */
final class LookupsTest {
  private static final long LIMIT_NANOS = 60_000_000_000L;

  private final SimWorld world = new SimWorld(1, LookupsTest.class);
  private final SimPlatform machine = world.machine("server");
  private final SimDns dns = SimDns.withoutNames(1);
  private final List<Answer> answers = new ArrayList<>();
  private boolean ready;
  private boolean stopped;

  private Server start() {
    OperatorLog log = (level, text) -> {};
    var disk = new SimDisk();
    machine.attach(disk);
    var server =
        Server.start(
            new Doors(machine, disk, machine.network(), dns::exchange, log),
            new Server.Settings(
                Configured.by(ServerOptions.schema(), "hostname = mta.test\n"),
                Path.of("/data"),
                "mta.test",
                2,
                64L << 20,
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
    assertThat(world.runUntil(() -> ready, LIMIT_NANOS)).isTrue();
    return server;
  }

  private Answer answer(Server server, String name) {
    var asker = machine.schedulers("asker-" + name, 1).getFirst();
    var resolver = Objects.requireNonNull(server.resolver());
    int before = answers.size();
    asker.post(() -> resolver.resolve(new Question(name, RecordType.A), asker, answers::add));
    assertThat(world.runUntil(() -> answers.size() > before, LIMIT_NANOS)).isTrue();
    return answers.getLast();
  }

  @Test
  void namesAreLookedUpWhileTheServerRuns() {
    dns.zone().addresses("a.test", 60, "192.0.2.1");
    var server = start();
    assertThat(answer(server, "a.test")).isInstanceOf(Answer.Found.class);
    assertThat(answer(server, "missing.test")).isInstanceOf(Answer.NoName.class);
    server.stop(() -> stopped = true);
    assertThat(world.runUntil(() -> stopped, LIMIT_NANOS)).isTrue();
    assertThat(answer(server, "a.test")).isInstanceOf(Answer.Failed.class);
  }
}
