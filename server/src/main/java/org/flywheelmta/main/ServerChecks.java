package org.flywheelmta.main;

import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.flywheelmta.config.ConfigError;
import org.flywheelmta.config.Generation;
import org.flywheelmta.config.Listener;
import org.flywheelmta.config.Position;
import org.flywheelmta.config.Schema;
import org.flywheelmta.config.Suggestion;
import org.flywheelmta.net.ListenAddress;
import org.flywheelmta.net.TlsOptions;
import org.flywheelmta.scheduler.Schedulers;
import org.flywheelmta.spool.SpoolVolumes;

/** What no single value of a configuration shows. */
final class ServerChecks {
  private static final int BLOCK_BYTES = 4096;

  private ServerChecks() {}

  static void declare(Schema.Builder schema) {
    schema
        .check(ServerChecks::listens)
        .check(ServerChecks::pools)
        .check(ServerChecks::threadPools)
        .check(ServerChecks::segmentSize)
        .check(ServerChecks::volumes)
        .check(MemoryChecks::check);
  }

  /** The listeners of every protocol. */
  static List<Listener> listeners(Generation generation) {
    return Protocol.in(generation).stream()
        .flatMap(protocol -> generation.listeners(protocol.kind()).stream())
        .toList();
  }

  private static List<ConfigError> listens(Generation generation) {
    var errors = new ArrayList<ConfigError>();
    var seen = new HashMap<InetSocketAddress, Position>();
    for (var listener : listeners(generation)) {
      for (var listen : listener.listens()) {
        errors.addAll(TlsOptions.check(listen.scope()));
        var address = ListenAddress.parse(listen.address());
        if (address == null) {
          errors.add(
              new ConfigError(
                  listen.at(),
                  "\""
                      + listen.address()
                      + "\" is no address to listen on, such as 127.0.0.1:2525 or [::]:25"));
        } else if (address.getPort() != 0 && seen.put(address, listen.at()) != null) {
          errors.add(new ConfigError(listen.at(), listen.address() + " is listened on twice"));
        }
      }
      if (listener.listens().isEmpty()) {
        errors.add(
            new ConfigError(listener.at(), "this listener has no listen, so nothing reaches it"));
      }
    }
    return errors;
  }

  private static List<ConfigError> pools(Generation generation) {
    var errors = new ArrayList<ConfigError>();
    var pools = concurrency(generation, 1).keySet();
    var delivery = generation.global().find(ServerOptions.DELIVERY_POOL);
    if (!pools.contains(delivery.value())) {
      delivery.at().ifPresent(at -> errors.add(noPool(at, delivery.value(), pools)));
    }
    for (var listener : listeners(generation)) {
      for (var listen : listener.listens()) {
        var pool = listen.scope().find(ServerOptions.EVENT_LOOP);
        if (!pools.contains(pool.value())) {
          pool.at().ifPresent(at -> errors.add(noPool(at, pool.value(), pools)));
        }
      }
    }
    return errors;
  }

  private static ConfigError noPool(Position at, String pool, Set<String> pools) {
    return new ConfigError(
        at, "there is no eventloop \"" + pool + "\"" + Suggestion.question(pool, pools));
  }

  /** A pool that no part of the server asks would only seem to do something. */
  private static List<ConfigError> threadPools(Generation generation) {
    var errors = new ArrayList<ConfigError>();
    var known = ThreadPools.names();
    for (var stanza : generation.stanzas(ServerOptions.THREADPOOL)) {
      if (!known.contains(stanza.name())) {
        errors.add(
            new ConfigError(
                stanza.at(),
                "there is no threadpool \""
                    + stanza.name()
                    + "\""
                    + Suggestion.question(stanza.name(), known)));
      }
    }
    return errors;
  }

  private static List<ConfigError> segmentSize(Generation generation) {
    var errors = new ArrayList<ConfigError>();
    for (var spool : generation.stanzas(ServerOptions.SPOOL)) {
      var size = spool.scope().find(ServerOptions.SEGMENT_SIZE);
      if (size.value() % BLOCK_BYTES != 0) {
        errors.add(
            new ConfigError(size.at().orElse(spool.at()), "segment_size is no multiple of 4096"));
      }
    }
    return errors;
  }

  private static List<ConfigError> volumes(Generation generation) {
    var errors = new ArrayList<ConfigError>();
    for (var spool : generation.stanzas(ServerOptions.SPOOL)) {
      var volumes = spool.scope().find(ServerOptions.VOLUMES);
      var at = volumes.at().orElse(spool.at());
      var known = new HashSet<>(List.of(spool.scope().get(ServerOptions.SPOOL_PATH)));
      for (var volume : volumes.value()) {
        if (!known.add(volume)) {
          errors.add(new ConfigError(at, "the volume " + volume + " is named twice"));
        }
      }
      if (known.size() > SpoolVolumes.MOST_VOLUMES) {
        var text = "a spool has at most " + SpoolVolumes.MOST_VOLUMES + " volumes";
        errors.add(new ConfigError(at, text));
      }
    }
    return errors;
  }

  /**
   * The pools of schedulers with their sizes; the default pool is always among them.
   *
   * @param byDefault schedulers of the default pool where no stanza names it
   */
  static Map<String, Integer> concurrency(Generation generation, int byDefault) {
    var pools = new LinkedHashMap<String, Integer>();
    pools.put(Schedulers.DEFAULT_POOL, byDefault);
    for (var stanza : generation.stanzas(ServerOptions.EVENTLOOP)) {
      pools.put(stanza.name(), stanza.scope().get(ServerOptions.CONCURRENCY));
    }
    return pools;
  }
}
