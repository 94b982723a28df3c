package org.flywheelmta.hook;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.flywheelmta.base.Counter;
import org.flywheelmta.base.OperatorLog;
import org.flywheelmta.base.ReadOnlyThreadSafe;
import org.flywheelmta.scheduler.Scheduler;

/** The providers of every hook, in order: immutable, one table per generation. */
@ReadOnlyThreadSafe
public final class Hooks {
  /** Where a provider comes among those that are there already. */
  public enum Place {
    FIRST,
    LAST
  }

  private final OperatorLog operator;
  private final Counter failures;
  private final Counter ignoredAnswers;
  private final Map<Hook<?, ?>, List<Provider<?, ?>>> providers;

  private Hooks(
      OperatorLog operator,
      Counter failures,
      Counter ignoredAnswers,
      Map<Hook<?, ?>, List<Provider<?, ?>>> providers) {
    this.operator = operator;
    this.failures = failures;
    this.ignoredAnswers = ignoredAnswers;
    this.providers = providers;
  }

  /**
   * A table without a provider.
   *
   * @param operator told of providers that throw
   */
  public static Hooks none(OperatorLog operator) {
    return new Hooks(
        operator,
        new Counter("flywheel_hook_failures_total"),
        new Counter("flywheel_hook_ignored_answers_total"),
        new LinkedHashMap<>());
  }

  /** This table and one provider more; counts go on in the new table. */
  public <A, R> Hooks with(Hook<A, R> hook, Provider<? super A, R> provider, Place place) {
    var list = new ArrayList<>(providersOf(hook));
    switch (place) {
      case FIRST -> list.addFirst(provider);
      case LAST -> list.addLast(provider);
    }
    var table = new LinkedHashMap<>(providers);
    table.put(hook, List.copyOf(list));
    return new Hooks(operator, failures, ignoredAnswers, table);
  }

  /** True when firing the hook asks anybody; false means {@link Hook#none} holds. */
  public boolean has(Hook<?, ?> hook) {
    return providers.containsKey(hook);
  }

  /**
   * Asks the providers of a hook in their order and goes on with the result: within this call when
   * all of them answer at once, else when the last of them does. Allocates nothing when there is
   * none.
   *
   * @param scheduler the caller's
   */
  public <A, R> Firing fire(
      Scheduler scheduler, Hook<A, R> hook, A argument, Continuation<R> continuation) {
    scheduler.check();
    var list = providers.get(hook);
    if (list == null) {
      continuation.proceed(hook.none());
      return Firing.ENDED;
    }
    var firing = new ProviderFiring<>(this, scheduler, hook, typed(list), argument, continuation);
    firing.advance();
    return firing;
  }

  /** What the table and those before it have counted, for metrics. */
  public List<Counter> counters() {
    return List.of(failures, ignoredAnswers);
  }

  void onThrown(Hook<?, ?> hook, Provider<?, ?> provider, Throwable thrown) {
    failures.increment();
    operator.error(
        "the provider " + provider.name() + " of the hook " + hook.name() + " failed: " + thrown);
  }

  void onIgnored() {
    ignoredAnswers.increment();
  }

  private List<Provider<?, ?>> providersOf(Hook<?, ?> hook) {
    return providers.getOrDefault(hook, List.of());
  }

  /** {@link #with} has let only providers of the hook's own types into its list. */
  @SuppressWarnings("unchecked")
  private static <A, R> List<Provider<? super A, R>> typed(List<Provider<?, ?>> list) {
    return (List<Provider<? super A, R>>) (List<?>) list;
  }
}
