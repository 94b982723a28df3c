package org.flywheelmta.config;

import static java.util.concurrent.TimeUnit.DAYS;
import static java.util.concurrent.TimeUnit.MINUTES;
import static java.util.concurrent.TimeUnit.SECONDS;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.flywheelmta.config.ScopeKind.Naming;

/** A schema like that of the product, for the tests of this room. */
final class Sample {
  enum Level {
    DEBUG,
    INFO,
    ERROR
  }

  static final ListenerKind ESMTP = ListenerKind.of("esmtp_listener");
  static final ListenerKind HTTP = ListenerKind.of("http_listener");
  static final ListenerKind CONTROL = ListenerKind.of("control_listener");
  static final ScopeKind EVENTLOOP = ScopeKind.stanza("eventloop", Naming.NAME);
  static final ScopeKind THREADPOOL = ScopeKind.stanza("threadpool", Naming.NAME);
  static final ScopeKind SPOOL = ScopeKind.stanza("spool", Naming.NONE);
  static final ScopeKind VOLUME = ScopeKind.stanza("volume", Naming.OPTIONAL, SPOOL);

  static final Option<Optional<HostPort>> GATEWAY =
      Option.of("gateway", Types.optional(Types.hostPort()), Optional.<HostPort>empty())
          .in(ScopeKind.DELIVERY)
          .online()
          .manual("Where everything goes instead of the hosts of the domain.");
  static final Option<Integer> CONNECTIONS =
      Option.of("max_outbound_connections", Types.int32(1, 1000), 32)
          .in(ScopeKind.DELIVERY)
          .online()
          .manual("Connections to a domain at most.");
  static final Option<Integer> HOST_CONNECTIONS =
      Option.of("max_outbound_connections", Types.int32(-1, 1000), -1)
          .in(ScopeKind.HOST)
          .manual("Connections to a host at most.");
  static final Option<Long> RETRY_INTERVAL =
      Option.of("retry_interval", Types.duration(SECONDS, 0, DAYS.toNanos(7)), MINUTES.toNanos(20))
          .in(ScopeKind.DELIVERY)
          .online()
          .manual("The time from a failed attempt to the next.");
  static final Option<String> EHLO =
      Option.of("ehlo_hostname", Types.string(), "localhost")
          .in(ScopeKind.GLOBAL, ScopeKind.GROUP, ScopeKind.BINDING)
          .manual("The name that we give.");
  static final Option<Integer> CONCURRENCY =
      Option.of("concurrency", Types.int32(1, 64), 1)
          .in(EVENTLOOP, THREADPOOL)
          .manual("Threads of the pool.");
  static final Option<String> PATH =
      Option.of("path", Types.string(), "spool").in(SPOOL, VOLUME).manual("The folder.");
  static final Option<String> EVENT_LOOP =
      Option.of("event_loop", Types.string(), "")
          .in(ScopeKind.LISTENER, ScopeKind.LISTEN)
          .manual("The pool whose schedulers serve it.");
  static final Option<List<Cidr>> RELAY_HOSTS =
      Option.of("relay_hosts", Types.list(Types.cidr()), List.<Cidr>of())
          .in(ESMTP.scopes())
          .in(ScopeKind.GLOBAL)
          .manual("Peers that may send to anywhere.");
  static final Option<Integer> FILE_MODE =
      Option.of("file_mode", Types.mode(), 0660).in(CONTROL.listen()).manual("Of the socket.");
  static final Option<Boolean> TARPIT =
      Option.of("tarpit", Types.bool(), false).in(ScopeKind.RECEPTION).manual("Be slow.");
  static final Option<Level> LEVEL =
      Option.of("log_level", Types.choice(Level.class), Level.INFO)
          .in(ScopeKind.GLOBAL)
          .online()
          .manual("What is worth a line.");
  static final Option<Map<String, String>> HEADERS =
      Option.of("headers", Types.dictionary(Types.string()), Map.<String, String>of())
          .in(ScopeKind.GLOBAL)
          .manual("Headers to add.");
  static final Option<Long> MESSAGE_SIZE =
      Option.of("max_message_size", Types.size(), 10L << 20)
          .in(ScopeKind.GLOBAL)
          .in(ScopeKind.RECEPTION)
          .manual("The longest message.");

  static final Schema SCHEMA =
      Schema.builder()
          .listener(ESMTP)
          .listener(HTTP)
          .listener(CONTROL)
          .stanzas(EVENTLOOP, THREADPOOL, SPOOL, VOLUME)
          .options(GATEWAY, CONNECTIONS, HOST_CONNECTIONS, RETRY_INTERVAL, EHLO, CONCURRENCY)
          .options(PATH, EVENT_LOOP, RELAY_HOSTS, FILE_MODE, TARPIT, LEVEL, HEADERS, MESSAGE_SIZE)
          .check(Sample::addressesOnce)
          .build();

  private Sample() {}

  /** The kind of check that a room adds. */
  private static List<ConfigError> addressesOnce(Generation generation) {
    var errors = new ArrayList<ConfigError>();
    var taken = new HashMap<String, Position>();
    for (var kind : List.of(ESMTP, HTTP, CONTROL)) {
      for (var listener : generation.listeners(kind)) {
        for (var listen : listener.listens()) {
          var first = taken.putIfAbsent(listen.address(), listen.at());
          if (first != null) {
            errors.add(new ConfigError(listen.at(), "this address is taken at " + first));
          }
        }
      }
    }
    return errors;
  }
}
