package org.flywheelmta.domain;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.function.Consumer;
import org.flywheelmta.base.DomainName;
import org.flywheelmta.base.NonThreadSafe;
import org.flywheelmta.config.RouteEntry;
import org.flywheelmta.dns.Answer;
import org.flywheelmta.dns.Question;
import org.flywheelmta.dns.Rdata.Address;
import org.flywheelmta.dns.Rdata.Exchanger;
import org.flywheelmta.dns.RecordType;
import org.flywheelmta.dns.Resolver;
import org.flywheelmta.domain.Outcome.PermanentFailure;
import org.flywheelmta.domain.Outcome.Scope;
import org.flywheelmta.domain.Outcome.TransientFailure;
import org.flywheelmta.event.MailEvent.Reply;
import org.flywheelmta.scheduler.Scheduler;
import org.jspecify.annotations.Nullable;

/**
 * One search for a route: {@code routes} of the policy, or the MX records of a name, or its
 * addresses where it has none (RFC 5321 section 5.1); then the addresses of all hosts at once.
 */
@NonThreadSafe
final class RouteFinder {
  /** The most hosts of a route; those of the greatest preferences are left out. */
  static final int HOSTS_MAX = 16;

  /** An entry of {@code routes} goes before the preference of the MX records behind it. */
  private static final int ENTRY_SHIFT = 16;

  private static final Comparator<MxTarget> BY_PREFERENCE =
      Comparator.comparingLong(target -> target.preference);

  private final Resolver resolver;
  private final Ourselves ourselves;
  private final RoutePolicy policy;
  private final Scheduler scheduler;
  private final Consumer<Route> done;
  private final List<MxTarget> targets = new ArrayList<>();
  private String name = "";
  // Mail for a domain, and not what an operator sends to a gateway.
  private boolean loopsMatter;
  // The preference from which on a host is not better off than we are.
  private long ourPreference = Long.MAX_VALUE;
  private long expiresNanos = Route.FOR_EVER;
  private @Nullable String failed;
  private boolean busy;
  private boolean configured;
  private int awaited;

  RouteFinder(
      Resolver resolver,
      Ourselves ourselves,
      RoutePolicy policy,
      Scheduler scheduler,
      Consumer<Route> done) {
    this.resolver = resolver;
    this.ourselves = ourselves;
    this.policy = policy;
    this.scheduler = scheduler;
    this.done = done;
  }

  void find(String host, int port) {
    name = host;
    boolean gateway = port != Router.NO_PORT;
    loopsMatter = !gateway;
    configured = gateway || !policy.routes().isEmpty();
    int usualPort = gateway ? port : policy.remoteSmtpPort();
    if (!gateway && !policy.routes().isEmpty()) {
      findByEntries(usualPort);
    } else if (MxTarget.literal(host) != null) {
      add(0, host, usualPort, loopsMatter);
      resolveAll();
    } else {
      exchangers(0, usualPort);
    }
  }

  private void findByEntries(int usualPort) {
    RouteEntry mx = null;
    for (var entry : policy.routes()) {
      long preference = (long) entry.preference() << ENTRY_SHIFT;
      if (!entry.isMx()) {
        add(preference, entry.host(), entry.port() == 0 ? usualPort : entry.port(), false);
      } else if (mx == null) {
        mx = entry;
      }
    }
    if (mx == null) {
      resolveAll();
    } else {
      exchangers((long) mx.preference() << ENTRY_SHIFT, usualPort);
    }
  }

  private void exchangers(long preference, int port) {
    if (!DomainName.canBeLookedUp(name)) {
      onNoName("5.1.2", "no name of the domain name system: " + name, Route.FOR_EVER);
      return;
    }
    resolver.resolve(
        new Question(name, RecordType.MX),
        scheduler,
        answer -> onExchangers(answer, preference, port));
  }

  private void onExchangers(Answer answer, long preference, int port) {
    scheduler.check();
    expires(answer);
    switch (answer) {
      case Answer.Found found -> addExchangers(found, preference, port);
      case Answer.NoRecord _ -> {
        add(preference, name, port, loopsMatter);
        resolveAll();
      }
      case Answer.NoName _ -> onNoName("5.1.2", "no such domain: " + name, expiresNanos);
      case Answer.Busy _ -> {
        busy = true;
        nowhere(transientFailure("no room for a look-up"));
      }
      case Answer.Failed(var reason, _) -> {
        failed = "DNS look-up of the MX of " + name + ": " + reason;
        // Without hosts of the configuration nothing is left to resolve, and this is why.
        resolveAll();
      }
    }
  }

  private void addExchangers(Answer.Found found, long preference, int port) {
    int named = 0;
    for (var data : found.data()) {
      if (data instanceof Exchanger(var value, var host) && !host.isEmpty()) {
        named++;
        if (loopsMatter && ourselves.names().contains(host)) {
          ourPreference = Math.min(ourPreference, preference + value);
        } else {
          add(preference + value, host, port, loopsMatter);
        }
      }
    }
    if (named == 0) {
      onNoName("5.1.10", name + " takes no mail (null MX)", expiresNanos);
    } else {
      resolveAll();
    }
  }

  /** The name has no hosts of its own, which matters where no others are configured. */
  private void onNoName(String enhanced, String text, long untilNanos) {
    if (targets.isEmpty()) {
      expiresNanos = Math.min(expiresNanos, untilNanos);
      nowhere(failure(enhanced, text));
    } else {
      resolveAll();
    }
  }

  private void add(long preference, String host, int port, boolean mayLoop) {
    for (var target : targets) {
      if (target.isSame(host, port)) {
        target.preference = Math.min(target.preference, preference);
        return;
      }
    }
    targets.add(new MxTarget(preference, host, port, mayLoop));
  }

  private void resolveAll() {
    targets.sort(BY_PREFERENCE);
    if (targets.size() > HOSTS_MAX) {
      targets.subList(HOSTS_MAX, targets.size()).clear();
    }
    // Counted beforehand, so that no answer takes itself for the last.
    awaited = 1;
    for (var target : targets) {
      if (target.isLiteral()) {
        target.addLiteral();
      } else if (DomainName.canBeLookedUp(target.host)) {
        awaited += 2;
        resolve(target, RecordType.A);
        resolve(target, RecordType.AAAA);
      }
    }
    onResolved();
  }

  private void resolve(MxTarget target, RecordType type) {
    resolver.resolve(
        new Question(target.host, type), scheduler, answer -> onAddresses(answer, target));
  }

  private void onAddresses(Answer answer, MxTarget target) {
    scheduler.check();
    expires(answer);
    switch (answer) {
      case Answer.Found(var data, _) -> {
        for (var one : data) {
          if (one instanceof Address(var address)) {
            target.add(address);
          }
        }
      }
      case Answer.Busy _ -> busy = true;
      case Answer.Failed(var reason, _) -> failed = "DNS look-up of " + target.host + ": " + reason;
      case Answer.NoRecord _, Answer.NoName _ -> {}
    }
    onResolved();
  }

  private void onResolved() {
    if (--awaited > 0) {
      return;
    }
    boolean loops = ourPreference != Long.MAX_VALUE;
    for (var target : targets) {
      if (target.mayLoop && !policy.allowLoopbackMx()) {
        if (target.leadsTo(ourselves)) {
          ourPreference = Math.min(ourPreference, target.preference);
        }
        loops |= target.dropLoopback();
      }
    }
    var hosts = new ArrayList<MxRecord>();
    for (var target : targets) {
      if (target.mayLoop && target.preference >= ourPreference) {
        loops = true;
      } else if (target.hasAddress()) {
        hosts.add(target.record(policy.preferIpv6Mxs()));
      }
    }
    if (!hosts.isEmpty() && !busy) {
      done.accept(new Route.Hosts(List.copyOf(hosts), expiresNanos));
    } else {
      nowhere(why(loops));
    }
  }

  private Outcome why(boolean loops) {
    var reason = failed;
    if (reason != null) {
      return transientFailure(reason);
    }
    return loops
        ? failure("5.4.6", "mail for " + name + " would come back to us")
        : failure("5.4.4", "no host takes mail for " + name);
  }

  /** What an operator wrote is no fault of the mail: that fails for the time being. */
  private Outcome failure(String enhanced, String text) {
    return configured
        ? new TransientFailure(
            new Reply("route", 0, "4" + enhanced.substring(1), text), Scope.DOMAIN)
        : new PermanentFailure(new Reply("route", 0, enhanced, text));
  }

  private static Outcome transientFailure(String text) {
    return new TransientFailure(new Reply("route", 0, "4.4.3", text), Scope.DOMAIN);
  }

  private void nowhere(Outcome outcome) {
    done.accept(busy ? new Route.Later(expiresNanos) : new Route.Nowhere(outcome, expiresNanos));
  }

  private void expires(Answer answer) {
    expiresNanos = Math.min(expiresNanos, answer.expiresNanos());
  }
}
