package org.flywheelmta.clients;

import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/** One line of a {@link Script}. Any thread may ask. */
final class Rule {
  private final Moment moment;
  private final @Nullable Wildcard to;
  private final @Nullable Wildcard from;
  private final long firstTime;
  private final long lastTime;
  private final long every;
  private final Decision decision;
  private final AtomicLong times = new AtomicLong();

  /**
   * What a receiver does.
   *
   * @param waitNanos before it does it
   */
  record Decision(long waitNanos, Action action) {
    static final Decision ORDINARY = new Decision(0, new Action.Ordinary());
  }

  /**
   * @param to fits one of the recipients; null for all
   * @param from fits the sender; null for all
   * @param firstTime how often it has to have come, counted from 1
   * @param every of so many times, from the first, one counts
   */
  Rule(
      Moment moment,
      @Nullable Wildcard to,
      @Nullable Wildcard from,
      long firstTime,
      long lastTime,
      long every,
      Decision decision) {
    this.moment = moment;
    this.to = to;
    this.from = from;
    this.firstTime = firstTime;
    this.lastTime = lastTime;
    this.every = every;
    this.decision = decision;
  }

  /** What it says of this moment; null when it does not fit. A fit counts as a time. */
  @Nullable Decision decide(Moment now, String sender, List<String> recipients) {
    boolean fits =
        moment == now
            && (from == null || from.matches(sender))
            && (to == null || recipients.stream().anyMatch(to::matches));
    if (!fits) {
      return null;
    }
    long time = times.incrementAndGet();
    return time >= firstTime && time <= lastTime && (time - firstTime) % every == 0
        ? decision
        : null;
  }
}
