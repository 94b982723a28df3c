package org.flywheelmta.clients;

import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** One line of a {@link Script}. Any thread may ask. */
final class Rule {
  private final String place;
  private final Moment moment;
  private final Condition condition;
  private final Decision decision;
  private final Times times = new Times();

  /** What times are counted for. */
  enum Per {
    ALL,
    RECIPIENT,
    SENDER
  }

  /**
   * When a rule counts.
   *
   * @param to fits one of the recipients; null for all
   * @param from fits the sender; null for all
   * @param firstTime how often it has to have come, counted from 1
   * @param every of so many times, from the first, one counts
   */
  record Condition(
      @Nullable Wildcard to,
      @Nullable Wildcard from,
      Per per,
      long firstTime,
      long lastTime,
      long every) {
    private boolean fits(String sender, List<String> recipients) {
      return (from == null || from.matches(sender))
          && (to == null || recipients.stream().anyMatch(to::matches));
    }

    private boolean isTime(long time) {
      return time >= firstTime && time <= lastTime && (time - firstTime) % every == 0;
    }

    /** Whom a time is counted for; empty for all together. */
    private String name(String sender, List<String> recipients) {
      var name =
          switch (per) {
            case ALL -> "";
            case SENDER -> sender;
            case RECIPIENT ->
                recipients.stream()
                    .filter(each -> to == null || to.matches(each))
                    .findFirst()
                    .orElse("");
          };
      return name.toLowerCase(Locale.ROOT);
    }
  }

  /**
   * @param place where the line stands, the beginning of each error
   */
  Rule(String place, Moment moment, Condition condition, Decision decision) {
    this.place = place;
    this.moment = moment;
    this.condition = condition;
    this.decision = decision;
  }

  String place() {
    return place;
  }

  Moment moment() {
    return moment;
  }

  Action action() {
    return decision.action();
  }

  /** What it says of this moment; null when it does not fit. A fit counts as a time. */
  @Nullable Decision decide(Moment now, String sender, List<String> recipients) {
    if (moment != now || !condition.fits(sender, recipients)) {
      return null;
    }
    long time = times.count(condition.name(sender, recipients));
    return condition.isTime(time) ? decision : null;
  }

  /** What {@link #decide} would say if it came now; nothing is counted. */
  @Nullable Decision foresee(Moment then, String sender, List<String> recipients) {
    boolean decides =
        moment == then
            && condition.fits(sender, recipients)
            && condition.isTime(times.next(condition.name(sender, recipients)));
    return decides ? decision : null;
  }
}
