package org.flywheelmta.auth;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.flywheelmta.base.NonThreadSafe;
import org.flywheelmta.scheduler.Scheduler;

/** Accounts that a test makes. They are found at once, or when the test lets them be. */
@NonThreadSafe
public final class MemoryAccounts implements AccountSource {
  // Few, so that a test of thousands of messages takes no minutes.
  private static final int ITERATIONS = 2;

  public final Map<String, Account> accounts = new LinkedHashMap<>();

  /** Why nothing can be said now; empty where all is well. */
  public String failure = "";

  /** Whether look-ups wait for {@link #letGo}. */
  public boolean holding;

  private final List<Runnable> held = new ArrayList<>();

  /** Adds an account, with keys for both hashes. */
  public void add(String name, String password, List<String> roles) {
    accounts.put(name, account(name, password, roles, ITERATIONS));
  }

  /** Adds an account that clients of SCRAM take, who want no fewer iterations than 4,096. */
  public void addStrong(String name, String password) {
    accounts.put(name, account(name, password, List.of(), ScramKeys.FEWEST_ITERATIONS));
  }

  static Account account(String name, String password, List<String> roles) {
    return account(name, password, roles, ITERATIONS);
  }

  private static Account account(String name, String password, List<String> roles, int iterations) {
    var keys = new ArrayList<ScramKeys>();
    var salt = ("salt of " + name).getBytes(StandardCharsets.UTF_8);
    for (var hash : ScramHash.values()) {
      keys.add(ScramKeys.derive(hash, password, salt, iterations));
    }
    return new Account(name, roles, keys);
  }

  @Override
  public void find(String name, Scheduler asker, Consumer<Found> answer) {
    if (holding) {
      held.add(() -> asker.post(() -> answer.accept(found(name))));
    } else {
      answer.accept(found(name));
    }
  }

  private Found found(String name) {
    if (!failure.isEmpty()) {
      return new Found.Failed(failure);
    }
    var account = accounts.get(name);
    return account == null ? Found.Unknown.UNKNOWN : new Found.Known(account);
  }

  /** How many look-ups wait. */
  public int held() {
    return held.size();
  }

  /** Answers those that wait. */
  public void letGo() {
    var waiting = List.copyOf(held);
    held.clear();
    waiting.forEach(Runnable::run);
  }
}
