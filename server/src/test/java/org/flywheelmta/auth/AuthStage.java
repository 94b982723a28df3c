package org.flywheelmta.auth;

import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
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
import org.flywheelmta.scheduler.Job;
import org.flywheelmta.scheduler.ManualSchedulers;
import org.flywheelmta.scheduler.PoolStatistics;
import org.flywheelmta.scheduler.Scheduler;
import org.flywheelmta.scheduler.ThreadPool;
import org.jspecify.annotations.Nullable;

/** An authenticator on a scheduler that a test steps, with accounts that it makes. */
@NonThreadSafe
final class AuthStage implements Randomness {
  static final AuthPolicy ALL = new AuthPolicy(List.of(Mechanism.values()), false);
  static final String ADDRESS = "192.0.2.1";

  // Few, so that a test of thousands of messages takes no minutes.
  private static final int ITERATIONS = 2;

  final ManualSchedulers schedulers = new ManualSchedulers(1, 1);
  final Pool pool = new Pool();
  final List<AuditEvent> audit = new ArrayList<>();
  final Map<String, Account> accounts = new LinkedHashMap<>();
  String failure = "";
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
            (name, asker, answer) -> answer.accept(found(name)),
            (name, token, asker, answer) ->
                answer.accept(tokens.getOrDefault(token, TokenVerifier.Verdict.Bad.BAD)),
            new Decoys(() -> octets("a secret")),
            limiter,
            audit::add,
            pool,
            this,
            schedulers);
    add("alice", "wonderland", List.of("send"));
  }

  private AccountSource.Found found(String name) {
    if (!failure.isEmpty()) {
      return new AccountSource.Found.Failed(failure);
    }
    var account = accounts.get(name);
    return account == null
        ? AccountSource.Found.Unknown.UNKNOWN
        : new AccountSource.Found.Known(account);
  }

  void add(String name, String password, List<String> roles) {
    accounts.put(name, account(name, password, roles));
  }

  static Account account(String name, String password, List<String> roles) {
    var keys = new ArrayList<ScramKeys>();
    for (var hash : ScramHash.values()) {
      keys.add(ScramKeys.derive(hash, password, octets("salt of " + name), ITERATIONS));
    }
    return new Account(name, roles, keys);
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

  /** A pool whose jobs wait for the test. */
  static final class Pool implements ThreadPool {
    private final ArrayDeque<Runnable> jobs = new ArrayDeque<>();
    int submitted;
    boolean full;

    @Override
    public <T> boolean submit(Scheduler asker, Job<T> job) {
      if (full) {
        return false;
      }
      submitted++;
      jobs.add(() -> work(asker, job));
      return true;
    }

    private static <T> void work(Scheduler asker, Job<T> job) {
      T result;
      try {
        result = job.work();
      } catch (Exception failure) {
        asker.post(() -> job.onFailed(failure));
        return;
      }
      asker.post(() -> job.onDone(result));
    }

    void run() {
      while (!jobs.isEmpty()) {
        jobs.remove().run();
      }
    }

    @Override
    public void resize(int concurrency) {}

    @Override
    public PoolStatistics statistics() {
      return new PoolStatistics(1, 1, 0, jobs.size(), submitted, 0, 0, 0);
    }

    @Override
    public String name() {
      return "CPU";
    }

    @Override
    public int waiting() {
      return jobs.size();
    }
  }
}
