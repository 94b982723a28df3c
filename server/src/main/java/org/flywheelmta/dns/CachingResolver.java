package org.flywheelmta.dns;

import java.util.function.Consumer;
import org.flywheelmta.base.Check;
import org.flywheelmta.base.ConcurrentThreadSafe;
import org.flywheelmta.base.Limit;
import org.flywheelmta.scheduler.Scheduler;

/**
 * A resolver whose cache and look-ups live on one scheduler, its home. Other schedulers post to it,
 * and it posts the answers back; so nothing needs a lock, and equal questions meet.
 *
 * <p>At most {@code maxPending} askers wait at once. Whoever is one too many is told {@link
 * Answer.Busy} at once, which delays mail and loses none. A name that cannot be written into a
 * query cannot exist, and its answer is {@link Answer.NoName}.
 */
@ConcurrentThreadSafe
public final class CachingResolver implements Resolver {
  /** After this an asker who found no room may ask again. */
  static final long BUSY_NANOS = 1_000_000_000L;

  private final Scheduler home;
  private final Limit pending;
  private final Lookups lookups;

  /**
   * Made on {@code home}, which it belongs to until {@link #stop}.
   *
   * @param exchanges makes the exchange, which this owns
   */
  public CachingResolver(Scheduler home, Exchange.Maker exchanges, DnsSettings settings) {
    home.check();
    Check.that(!settings.servers().isEmpty(), "a resolver without a name server");
    this.home = home;
    this.pending = new Limit("dns_max_pending", settings.maxPending());
    this.lookups = new Lookups(home, exchanges.make(home, settings.timeoutNanos()), settings);
  }

  @Override
  public void resolve(Question question, Scheduler asker, Consumer<Answer> done) {
    asker.check();
    if (!pending.tryTake(1)) {
      var refused = new Answer.Busy(asker.nanoTime() + BUSY_NANOS);
      asker.post(() -> done.accept(refused));
      return;
    }
    home.post(
        () ->
            lookups.ask(
                question,
                answer ->
                    asker.post(
                        () -> {
                          pending.release(1);
                          done.accept(answer);
                        })));
  }

  /**
   * Ends every look-up; whoever waits, or asks later, is told {@link Answer.Failed}. From any
   * thread, once.
   *
   * @param done called on the home when no query, no timed event and no buffer is left
   */
  public void stop(Runnable done) {
    home.post(
        () -> {
          lookups.stop();
          done.run();
        });
  }

  /** How many askers wait for an answer. From any thread. */
  public long pending() {
    return pending.taken();
  }
}
