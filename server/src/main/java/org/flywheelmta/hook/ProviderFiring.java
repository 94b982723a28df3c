package org.flywheelmta.hook;

import java.util.List;
import org.flywheelmta.base.NonThreadSafe;
import org.flywheelmta.scheduler.Scheduler;
import org.jspecify.annotations.Nullable;

/** A firing on its way through the providers of its hook. */
@NonThreadSafe
final class ProviderFiring<A, R> implements Firing {
  private final Hooks hooks;
  private final Scheduler scheduler;
  private final Hook<A, R> hook;
  private final List<Provider<? super A, R>> providers;
  private final A argument;
  private final Continuation<R> continuation;

  private int next;
  private R result;
  // The answer that is waited for; null when the provider has answered, or nobody is asked.
  private @Nullable Step awaited;
  // True while a provider is being called; an answer within the call is taken up after it.
  private boolean asking;
  private boolean ended;

  ProviderFiring(
      Hooks hooks,
      Scheduler scheduler,
      Hook<A, R> hook,
      List<Provider<? super A, R>> providers,
      A argument,
      Continuation<R> continuation) {
    this.hooks = hooks;
    this.scheduler = scheduler;
    this.hook = hook;
    this.providers = providers;
    this.argument = argument;
    this.continuation = continuation;
    this.result = hook.none();
  }

  /** Asks providers until one does not answer at once; goes on with the result after the last. */
  void advance() {
    while (!ended && next < providers.size() && !hook.decidedBy(result)) {
      ask(providers.get(next++));
      if (awaited != null) {
        return;
      }
    }
    if (!ended) {
      ended = true;
      continuation.proceed(result);
    }
  }

  private void ask(Provider<? super A, R> provider) {
    var step = new Step();
    awaited = step;
    asking = true;
    try {
      provider.provide(argument, step);
    } catch (OutOfMemoryError | InternalError fatal) {
      // It is the whole process that has failed, not the provider.
      throw fatal;
    } catch (Throwable thrown) {
      hooks.onThrown(hook, provider, thrown);
      // One that has answered before it threw is held to its answer.
      if (step.wanted()) {
        step.resolve(hook.failure());
      }
    } finally {
      asking = false;
    }
  }

  private void onAnswer(Step step, R answer) {
    if (awaited != step) {
      hooks.onIgnored();
      return;
    }
    awaited = null;
    result = hook.joined(result, answer);
    if (!asking) {
      advance();
    }
  }

  @Override
  public boolean suspended() {
    scheduler.check();
    return awaited != null;
  }

  @Override
  public void cancel() {
    scheduler.check();
    ended = true;
    awaited = null;
  }

  /** The question to one provider. */
  private final class Step implements Answer<R> {
    @Override
    public void resolve(R answer) {
      scheduler.check();
      onAnswer(this, answer);
    }

    @Override
    public void post(R answer) {
      scheduler.post(() -> onAnswer(this, answer));
    }

    @Override
    public boolean wanted() {
      scheduler.check();
      return awaited == this;
    }

    @Override
    public Scheduler scheduler() {
      return scheduler;
    }
  }
}
