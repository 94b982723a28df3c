package org.flywheelmta.dns;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;
import org.flywheelmta.base.NonThreadSafe;
import org.jspecify.annotations.Nullable;

/**
 * The search for the answer to one question: along its aliases, and for each name over the servers.
 * It waits for its {@link Pace} or for a server at any time, never for both.
 */
@NonThreadSafe
final class Lookup implements Pace.Sender {
  /** How many aliases lead to a name at most; some resolvers follow as many. */
  static final int MOST_LINKS = 11;

  /** How many times each server is asked for one name. */
  static final int ROUNDS = 2;

  private final Lookups lookups;
  private final Question question;
  private final List<Consumer<Answer>> askers = new ArrayList<>(1);
  private final Set<String> names = new LinkedHashSet<>();
  private Question current;
  // The least TTL of the aliases so far.
  private long seconds = Integer.MAX_VALUE;
  private int[] tries;

  Lookup(Lookups lookups, Question question, Consumer<Answer> asker) {
    this.lookups = lookups;
    this.question = question;
    this.current = question;
    this.tries = lookups.servers().untried();
    names.add(question.name());
    askers.add(asker);
  }

  Question question() {
    return question;
  }

  /** Somebody else asks the same. */
  void add(Consumer<Answer> asker) {
    askers.add(asker);
  }

  void tell(Answer answer) {
    for (var asker : askers) {
      asker.accept(answer);
    }
  }

  void begin() {
    lookups.pace().send(this);
  }

  @Override
  public void send() {
    int server = lookups.servers().next(tries);
    tries[server]++;
    lookups
        .exchange()
        .query(
            lookups.servers().address(server),
            current,
            reply -> {
              lookups.pace().returned();
              onReply(server, reply);
            });
  }

  private void onReply(int server, Reply reply) {
    if (lookups.stopped()) {
      return;
    }
    switch (reply) {
      case Reply.Told told -> {
        lookups.servers().onReply(server);
        follow(told);
      }
      case Reply.Trouble(var reason) -> {
        lookups.servers().onReply(server);
        tryOn(reason);
      }
      case Reply.Silence(var reason) -> {
        lookups.servers().onSilence(server);
        tryOn(reason);
      }
    }
  }

  private void tryOn(String reason) {
    if (lookups.servers().isExhausted(tries, ROUNDS)) {
      fail(reason);
    } else {
      lookups.pace().send(this);
    }
  }

  private void fail(String reason) {
    lookups.finish(this, lookups.lifetimes().failed(reason));
  }

  /** Goes along the aliases of a message, and to a server again where they leave it. */
  private void follow(Reply.Told told) {
    var name = current.name();
    boolean moved = false;
    while (true) {
      var data = data(told, name);
      if (!data.isEmpty()) {
        lookups.finish(this, lookups.lifetimes().found(data, seconds));
        return;
      }
      var alias = alias(told, name);
      if (alias == null) {
        break;
      }
      name = alias.target();
      seconds = Math.min(seconds, alias.ttlSeconds());
      moved = true;
      if (!names.add(name)) {
        fail("the aliases of the name go in a circle");
        return;
      }
      if (names.size() > MOST_LINKS + 1) {
        fail("the name has too many aliases");
        return;
      }
    }
    if (!told.nameExists()) {
      lookups.finish(this, lookups.lifetimes().noName(negative(told)));
    } else if (!moved || told.negativeSeconds() != Reply.NO_SOA) {
      lookups.finish(this, lookups.lifetimes().noData(negative(told)));
    } else {
      goTo(name);
    }
  }

  private long negative(Reply.Told told) {
    return told.negativeSeconds() == Reply.NO_SOA
        ? Reply.NO_SOA
        : Math.min(seconds, told.negativeSeconds());
  }

  /** The data of a name; their least TTL counts from here on. */
  private List<Rdata> data(Reply.Told told, String name) {
    var data = new ArrayList<Rdata>();
    for (var resource : told.answers()) {
      if (resource instanceof Reply.Said(var owner, var ttl, var said) && owner.equals(name)) {
        data.add(said);
        seconds = Math.min(seconds, ttl);
      }
    }
    return data;
  }

  private static Reply.@Nullable Alias alias(Reply.Told told, String name) {
    for (var resource : told.answers()) {
      if (resource instanceof Reply.Alias alias && alias.owner().equals(name)) {
        return alias;
      }
    }
    return null;
  }

  private void goTo(String name) {
    if (!Names.canBeAsked(name)) {
      lookups.finish(this, lookups.lifetimes().noName(Reply.NO_SOA));
      return;
    }
    current = new Question(name, question.type());
    var known = lookups.cache().find(current);
    if (known != null) {
      lookups.finish(this, lookups.lifetimes().atMost(known, seconds));
      return;
    }
    tries = lookups.servers().untried();
    lookups.pace().send(this);
  }
}
