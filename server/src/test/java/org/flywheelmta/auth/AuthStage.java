package org.flywheelmta.auth;

import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import java.util.random.RandomGenerator;
import org.flywheelmta.base.NonThreadSafe;
import org.flywheelmta.base.Randomness;
import org.flywheelmta.event.AuditEvent;
import org.flywheelmta.scheduler.ManualSchedulers;
import org.flywheelmta.scheduler.Scheduler;
import org.jspecify.annotations.Nullable;

/** An authenticator on a scheduler that a test steps, with accounts that it makes. */
@NonThreadSafe
final class AuthStage implements Randomness {
  static final AuthPolicy ALL = new AuthPolicy(List.of(Mechanism.values()), false);
  static final String ADDRESS = "192.0.2.1";

  final ManualSchedulers schedulers = new ManualSchedulers(1, 1);
  final SteppedPool pool = new SteppedPool();
  final List<AuditEvent> audit = new ArrayList<>();
  final MemoryAccounts accounts = new MemoryAccounts();
  final Map<String, TokenVerifier.Verdict> tokens = new LinkedHashMap<>();
  private final SplittableRandom random = new SplittableRandom(7);
  final GuessLimiter limiter;
  final Authenticator authenticator;

  AuthStage() {
    this(GuessLimits.DEFAULT);
  }

  AuthStage(GuessLimits limits) {
    limiter = new GuessLimiter(limits, schedulers, this);
    authenticator =
        new Authenticator(
            accounts,
            (name, token, asker, answer) ->
                answer.accept(tokens.getOrDefault(token, TokenVerifier.Verdict.Bad.BAD)),
            new Decoys(() -> octets("a secret")),
            limiter,
            audit::add,
            pool,
            this,
            schedulers);
    accounts.add("alice", "wonderland", List.of("send"));
  }

  static Account account(String name, String password, List<String> roles) {
    return MemoryAccounts.account(name, password, roles);
  }

  static byte[] octets(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  static InetAddress address(String text) {
    try {
      return InetAddress.ofLiteral(text);
    } catch (IllegalArgumentException wrong) {
      throw new AssertionError(wrong);
    }
  }

  static SaslConnection tls(String address) {
    return new SaslConnection(
        "smtp",
        "192.0.2.10:587",
        address + ":4711",
        address(address),
        true,
        "",
        List.of(new ChannelBinding("tls-exporter", octets("bound"))),
        false);
  }

  /** Begins an exchange from {@link #ADDRESS} over TLS. */
  Dialogue begin(Mechanism mechanism, @Nullable String initial) {
    return begin(tls(ADDRESS), mechanism, initial);
  }

  Dialogue begin(SaslConnection connection, Mechanism mechanism, @Nullable String initial) {
    return begin(ALL, connection, mechanism, initial == null ? null : octets(initial));
  }

  Dialogue begin(
      AuthPolicy policy,
      SaslConnection connection,
      Mechanism mechanism,
      byte @Nullable [] initial) {
    var dialogue = new Dialogue();
    on(
        () -> {
          dialogue.exchange =
              authenticator.begin(scheduler(), policy, connection, mechanism, dialogue);
          dialogue.exchange().begin(initial);
        });
    return dialogue;
  }

  /** The outcome of PLAIN, waiting out what delays it. */
  Outcome plain(String address, String name, String password) {
    var dialogue = begin(tls(address), Mechanism.PLAIN, "\0" + name + "\0" + password);
    pool.run();
    schedulers.run();
    return dialogue.outcomeWithin(60);
  }

  Scheduler scheduler() {
    return schedulers.all().getFirst();
  }

  void on(Runnable task) {
    schedulers.on(0, task);
    schedulers.run();
  }

  List<String> auditWords() {
    return audit.stream().map(event -> event.type().word() + " " + event.reason()).toList();
  }

  @Override
  public RandomGenerator generator(String owner) {
    return random.split();
  }

  @Override
  public long secret() {
    return random.nextLong();
  }

  /** One exchange, with what it has said. */
  final class Dialogue implements SaslExchange.Listener {
    final List<String> challenges = new ArrayList<>();
    final List<Outcome> outcomes = new ArrayList<>();
    private @Nullable SaslExchange exchange;

    SaslExchange exchange() {
      if (exchange == null) {
        throw new AssertionError("nothing has begun");
      }
      return exchange;
    }

    @Override
    public void onChallenge(String text) {
      challenges.add(text);
    }

    @Override
    public void onOutcome(Outcome outcome) {
      outcomes.add(outcome);
    }

    String challenge() {
      return challenges.getLast();
    }

    void respond(String message) {
      respond(octets(message));
    }

    void respond(byte[] message) {
      on(() -> exchange().respond(message));
    }

    void cancel() {
      on(() -> exchange().cancel());
    }

    /** The outcome, after all jobs and at most so much time. */
    Outcome outcomeWithin(long seconds) {
      pool.run();
      schedulers.run();
      if (outcomes.isEmpty()) {
        schedulers.advance(TimeUnit.SECONDS.toNanos(seconds));
      }
      if (outcomes.size() != 1) {
        throw new AssertionError(outcomes + " after " + seconds + " s");
      }
      return outcomes.getFirst();
    }
  }
}
