package org.flywheelmta.smtp;

import static java.util.concurrent.TimeUnit.DAYS;
import static java.util.concurrent.TimeUnit.HOURS;
import static java.util.concurrent.TimeUnit.SECONDS;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import org.flywheelmta.config.ConfigError;
import org.flywheelmta.config.Generation;
import org.flywheelmta.config.Option;
import org.flywheelmta.config.Schema;
import org.flywheelmta.config.Scope;
import org.flywheelmta.config.ScopeKind;
import org.flywheelmta.config.Types;
import org.flywheelmta.disk.Disk;
import org.flywheelmta.domain.DomainOptions;
import org.flywheelmta.net.TlsConnector;
import org.flywheelmta.net.TlsConnectors;
import org.flywheelmta.net.UnusableCertificate;
import org.flywheelmta.scheduler.ThreadPool;

/** The options of SMTP deliveries. */
public final class ClientOptions {
  private static final int PHASE_SECONDS = 300;
  private static final long SHORTEST_NANOS = SECONDS.toNanos(1);
  private static final long LONGEST_NANOS = DAYS.toNanos(365);

  static final Option<Optional<String>> EHLO_HOSTNAME =
      Option.of("ehlo_hostname", Types.optional(Types.hostname()), Optional.<String>empty())
          .in(ScopeKind.DELIVERY)
          .online()
          .manual(
              "The name in EHLO when mail is delivered. Where it is not set: the option hostname.");

  static final Option<Long> CONNECT_TIMEOUT =
      timeout("connect_timeout", PHASE_SECONDS, "a connection to come about, and to be greeted");

  static final Option<Long> EHLO_TIMEOUT =
      timeout(
          "ehlo_timeout", PHASE_SECONDS, "the reply to EHLO, HELO and STARTTLS, and a handshake");

  static final Option<Long> MAILFROM_TIMEOUT =
      timeout("mailfrom_timeout", PHASE_SECONDS, "the reply to MAIL");

  static final Option<Long> RCPTTO_TIMEOUT =
      timeout("rcptto_timeout", PHASE_SECONDS, "the reply to each RCPT");

  static final Option<Long> BODY_TIMEOUT =
      timeout("body_timeout", 600, "any progress of a message, and the reply to its end");

  static final Option<Long> RSET_TIMEOUT =
      timeout("rset_timeout", 30, "the replies to RSET and QUIT");

  static final Option<Long> IDLE_TIMEOUT =
      timeout("idle_timeout", 5, "the next message before an open connection is closed");

  static final Option<Integer> MAX_DELIVERIES_PER_CONNECTION =
      Option.of("max_deliveries_per_connection", Types.int32(0, Integer.MAX_VALUE), 0)
          .in(ScopeKind.DELIVERY)
          .online()
          .manual("The most messages delivered over one connection. 0: no limit.");

  static final Option<ClientTls.Mode> TLS =
      Option.of("tls", Types.choice(ClientTls.Mode.class), ClientTls.Mode.IFAVAILABLE)
          .in(ScopeKind.DELIVERY)
          .online()
          .manual(
              "Whether deliveries are secured (STARTTLS). no: never. ifavailable: where the other side"
                  + " offers it, else the mail goes in clear. required: else the mail waits.");

  static final Option<TlsConnector.Verify> TLS_VERIFY =
      Option.of("tls_verify", Types.choice(TlsConnector.Verify.class), TlsConnector.Verify.NO)
          .in(ScopeKind.DELIVERY)
          .online()
          .manual(
              "What a certificate has to show where tls = required. no: nothing, any will do. ca: it"
                  + " comes from an authority of tls_ca. host: that, and it is for the name of the"
                  + " host that the mail goes to, which proves no more than the MX record does that"
                  + " named it.");

  static final Option<Optional<String>> TLS_CA =
      Option.of("tls_ca", Types.optional(Types.string()), Optional.<String>empty())
          .in(ScopeKind.DELIVERY)
          .manual(
              "A file with the certificates of the authorities that tls_verify believes, in PEM; a"
                  + " relative path counts from the data folder. Where it is not set: those that"
                  + " the JDK believes.");

  static final Option<Boolean> TLS_FALLBACK =
      Option.of("tls_ifavailable_fallback", Types.bool(), true)
          .in(ScopeKind.DELIVERY)
          .online()
          .manual(
              "Whether mail goes in clear after a handshake that failed, where tls = ifavailable. off:"
                  + " it waits then.");

  static final Option<Long> TLS_RETRY_INTERVAL =
      Option.of("tls_retry_interval", Types.duration(SECONDS, 0, LONGEST_NANOS), HOURS.toNanos(1))
          .in(ScopeKind.DELIVERY)
          .online()
          .manual(
              "For how long an address whose handshake failed by what it sent gets mail in clear at"
                  + " once, where tls = ifavailable.");

  private ClientOptions() {}

  private static Option<Long> timeout(String name, long seconds, String what) {
    return Option.of(
            name, Types.duration(SECONDS, SHORTEST_NANOS, LONGEST_NANOS), SECONDS.toNanos(seconds))
        .in(ScopeKind.DELIVERY)
        .online()
        .manual("How long a delivery waits for " + what + ".");
  }

  /** Adds them to a schema. */
  public static void declare(Schema.Builder schema) {
    schema.options(
        EHLO_HOSTNAME,
        CONNECT_TIMEOUT,
        EHLO_TIMEOUT,
        MAILFROM_TIMEOUT,
        RCPTTO_TIMEOUT,
        BODY_TIMEOUT,
        RSET_TIMEOUT,
        IDLE_TIMEOUT,
        MAX_DELIVERIES_PER_CONNECTION,
        TLS,
        TLS_VERIFY,
        TLS_CA,
        TLS_FALLBACK,
        TLS_RETRY_INTERVAL);
    schema.check(ClientOptions::check);
  }

  /**
   * Makes what the policies of a generation need to secure deliveries; blocks.
   *
   * @param folder the data folder, from which paths count
   * @param pool computes handshakes
   */
  public static TlsConnectors connectors(
      Generation generation, Path folder, Disk disk, ThreadPool pool) throws UnusableCertificate {
    boolean verifies =
        generation.values(TLS_VERIFY).stream().anyMatch(v -> v != TlsConnector.Verify.NO);
    var authorities = new LinkedHashSet<Path>();
    for (var named : generation.values(TLS_CA)) {
      named.map(folder::resolve).ifPresent(authorities::add);
    }
    return TlsConnectors.load(generation.global(), verifies, authorities, disk, pool);
  }

  /** What is said of a domain whose mail goes through a gateway says nothing of the gateway. */
  private static List<ConfigError> check(Generation generation) {
    var errors = new ArrayList<ConfigError>();
    for (var domain : generation.stanzas(ScopeKind.DOMAIN)) {
      if (DomainOptions.hasGateway(domain)) {
        for (var option : List.of(TLS, TLS_VERIFY, TLS_CA)) {
          var found = domain.scope().find(option);
          var own = !found.scope().equals(ScopeKind.GLOBAL.name());
          found
              .at()
              .filter(_ -> own)
              .ifPresent(
                  at ->
                      errors.add(
                          new ConfigError(
                              at,
                              option
                                  + " of a domain with a gateway does nothing: it is the gateway that"
                                  + " is connected to, so it belongs into a domain stanza with the"
                                  + " gateway's name")));
        }
      }
    }
    return errors;
  }

  private static ClientTls tls(Scope domain, Path folder, TlsConnectors connectors) {
    var mode = domain.get(TLS);
    var connector =
        switch (mode) {
          case NO -> null;
          case IFAVAILABLE -> connectors.opportunistic();
          case REQUIRED ->
              connectors.strict(domain.get(TLS_VERIFY), domain.get(TLS_CA).map(folder::resolve));
        };
    return new ClientTls(mode, connector, domain.get(TLS_FALLBACK), domain.get(TLS_RETRY_INTERVAL));
  }

  /**
   * The policy of a domain.
   *
   * @param folder the data folder, from which paths count
   * @param connectors those of the generation
   * @param hostname of this server, where {@code ehlo_hostname} is not set
   */
  public static ClientPolicy policy(
      Scope domain, String hostname, Path folder, TlsConnectors connectors) {
    var defaults = ClientPolicy.of(domain.get(EHLO_HOSTNAME).orElse(hostname));
    return new ClientPolicy(
        defaults.ehloHostname(),
        domain.get(CONNECT_TIMEOUT),
        domain.get(EHLO_TIMEOUT),
        domain.get(MAILFROM_TIMEOUT),
        domain.get(RCPTTO_TIMEOUT),
        domain.get(BODY_TIMEOUT),
        domain.get(RSET_TIMEOUT),
        domain.get(IDLE_TIMEOUT),
        domain.get(MAX_DELIVERIES_PER_CONNECTION),
        domain.get(DomainOptions.MAX_RECIPIENTS_PER_BATCH),
        defaults.maxReplyLine(),
        defaults.maxReplyLines(),
        tls(domain, folder, connectors));
  }
}
