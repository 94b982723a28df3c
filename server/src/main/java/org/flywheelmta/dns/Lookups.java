package org.flywheelmta.dns;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Consumer;
import org.flywheelmta.base.NonThreadSafe;
import org.flywheelmta.scheduler.Scheduler;

/**
 * The look-ups under way, by question, and what earlier ones have found. It belongs to the home.
 */
@NonThreadSafe(checked = true)
final class Lookups {
  private static final String STOPPED = "the resolver has stopped";

  private final Scheduler home;
  private final Exchange exchange;
  private final Lifetimes lifetimes;
  private final Servers servers;
  private final Pace pace;
  private final AnswerCache cache;
  private final Map<Question, Lookup> underWay = new LinkedHashMap<>();
  private boolean stopped;

  Lookups(Scheduler home, Exchange exchange, DnsSettings settings) {
    this.home = home;
    this.exchange = exchange;
    this.lifetimes = new Lifetimes(home, settings);
    this.servers = new Servers(home, settings.servers());
    this.pace = new Pace(home, settings.queriesPerSecond());
    this.cache = new AnswerCache(home, settings.cacheSize());
  }

  /** Answers {@code done} now or later, once. */
  public void ask(Question question, Consumer<Answer> done) {
    home.check();
    if (stopped) {
      done.accept(lifetimes.failed(STOPPED));
      return;
    }
    var known = cache.find(question);
    if (known != null) {
      done.accept(known);
      return;
    }
    if (!Names.canBeAsked(question.name())) {
      done.accept(lifetimes.noName(Reply.NO_SOA));
      return;
    }
    var same = underWay.get(question);
    if (same != null) {
      same.add(done);
      return;
    }
    var lookup = new Lookup(this, question, done);
    underWay.put(question, lookup);
    lookup.begin();
  }

  /** Ends everything with a failure, and gives the exchange back. */
  public void stop() {
    home.check();
    if (stopped) {
      return;
    }
    stopped = true;
    pace.stop();
    exchange.close();
    var ended = new ArrayList<>(underWay.values());
    underWay.clear();
    for (var lookup : ended) {
      lookup.tell(lifetimes.failed(STOPPED));
    }
  }

  /** A look-up has come to its end. */
  void finish(Lookup lookup, Answer answer) {
    if (underWay.remove(lookup.question(), lookup)) {
      cache.keep(lookup.question(), answer);
      lookup.tell(answer);
    }
  }

  boolean stopped() {
    return stopped;
  }

  Exchange exchange() {
    return exchange;
  }

  Lifetimes lifetimes() {
    return lifetimes;
  }

  Servers servers() {
    return servers;
  }

  Pace pace() {
    return pace;
  }

  AnswerCache cache() {
    return cache;
  }
}
