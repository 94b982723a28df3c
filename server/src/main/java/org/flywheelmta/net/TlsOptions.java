package org.flywheelmta.net;

import static java.util.concurrent.TimeUnit.HOURS;
import static java.util.concurrent.TimeUnit.SECONDS;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.SequencedMap;
import org.flywheelmta.config.ConfigError;
import org.flywheelmta.config.Generation;
import org.flywheelmta.config.Option;
import org.flywheelmta.config.Schema;
import org.flywheelmta.config.Scope;
import org.flywheelmta.config.ScopeKind;
import org.flywheelmta.config.Types;

/** The options of TLS, of listeners and of the server as a whole. */
public final class TlsOptions {
  private static final List<ScopeKind> LISTENS = List.of(ScopeKind.LISTENER, ScopeKind.LISTEN);
  private static final List<ScopeKind> EVERYWHERE =
      List.of(ScopeKind.GLOBAL, ScopeKind.LISTENER, ScopeKind.LISTEN);
  private static final long LONGEST_NANOS = HOURS.toNanos(24);

  static final Option<Optional<TlsEngine>> ENGINE =
      Option.of("tls_engine", Types.choice(engines()), Optional.<TlsEngine>empty())
          .in(ScopeKind.GLOBAL)
          .manual(
              "What encrypts. auto: boringssl, where its library loads, else jdk, the engine of the"
                  + " JDK, which needs more processor time and knows no hybrid group. With an engine"
                  + " that the machine does not have the server does not start.");

  static final Option<List<TlsVersion>> PROTOCOLS =
      Option.of(
              "tls_protocols",
              Types.list(Types.choice(versions())),
              List.of(TlsVersion.V1_2, TlsVersion.V1_3))
          .in(EVERYWHERE)
          .manual("The versions of TLS, in and out. Those before 1.2 are broken and not offered.");

  static final Option<List<String>> CIPHERS =
      Option.of("tls_ciphers", Types.list(Types.string()), List.<String>of())
          .in(EVERYWHERE)
          .manual(
              "The ciphers of TLS 1.2, the best first, by their registered names, such as"
                  + " TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256. Where there are none: those with forward"
                  + " secrecy and AEAD, and outwards, where tls = ifavailable, some that are weaker"
                  + " and better than clear text. Those of TLS 1.3 are all good and cannot be"
                  + " chosen.");

  static final Option<List<String>> GROUPS =
      Option.of("tls_groups", Types.list(Types.string()), TlsSuite.GROUPS)
          .in(EVERYWHERE)
          .manual(
              "The groups of the key exchange, the best first. X25519MLKEM768 is a hybrid of a curve"
                  + " and ML-KEM, which a quantum computer does not break. The engine of the JDK has"
                  + " its own choice.");

  static final Option<Optional<TlsMode>> MODE =
      Option.of("tls", Types.optional(Types.choice(TlsMode.class)), Optional.<TlsMode>empty())
          .in(LISTENS)
          .manual(
              "Whether connections of a listener are secured. no: never. ifavailable: where the client"
                  + " asks for it (STARTTLS). required: a client has to ask before it may do"
                  + " anything, which a server that takes mail from the whole world must not"
                  + " demand. implicit: from the first octet on, as on port 465. Where it is not"
                  + " set: ifavailable with a certificate, no without.");

  static final Option<List<String>> CERTIFICATE =
      Option.of("tls_certificate", Types.list(Types.string()), List.<String>of())
          .in(LISTENS)
          .manual(
              "Files with a certificate and its chain in PEM; a relative path counts from the data"
                  + " folder. A client that names a host gets the first that is for it, any other"
                  + " client the first of all. A file that changes is read again within"
                  + " tls_reload_interval.");

  static final Option<List<String>> KEY =
      Option.of("tls_key", Types.list(Types.string()), List.<String>of())
          .in(LISTENS)
          .manual(
              "Files with the keys of tls_certificate, in the same order, in PEM and not encrypted."
                  + " Where there are none, the keys stand in the files of the certificates.");

  static final Option<Boolean> SELF_SIGNED =
      Option.of("tls_self_signed", Types.bool(), false)
          .in(LISTENS)
          .manual(
              "Whether a listener without tls_certificate makes one for itself at its first start, in"
                  + " keys/ of the data folder. Nobody else believes it: it is for trying things"
                  + " out.");

  static final Option<Optional<String>> CLIENT_CA =
      Option.of("tls_client_ca", Types.optional(Types.string()), Optional.<String>empty())
          .in(LISTENS)
          .manual(
              "A file with certificates of authorities in PEM. Where it is set, clients are asked for"
                  + " a certificate of one of them.");

  static final Option<TlsSettings.Verify> VERIFY_MODE =
      Option.of(
              "tls_verify_mode",
              Types.choice(TlsSettings.Verify.class),
              TlsSettings.Verify.OPTIONAL)
          .in(LISTENS)
          .manual(
              "What becomes of a client that is asked for a certificate. optional: without one it goes"
                  + " on, unverified. required: it has to show one. One that does not verify ends"
                  + " the handshake either way.");

  static final Option<TlsSettings.Injection> INJECTION =
      Option.of(
              "starttls_injection_policy",
              Types.choice(TlsSettings.Injection.class),
              TlsSettings.Injection.REJECT)
          .in(LISTENS)
          .manual(
              "What becomes of a client that sends more behind STARTTLS without waiting for its reply,"
                  + " which an attacker does in its place. reject: 554 5.7.0, and the connection is"
                  + " closed. ignore: it is dropped.");

  static final Option<Integer> HANDSHAKES =
      Option.of("tls_handshakes", Types.int32(1, 1_000_000), 500)
          .in(LISTENS)
          .manual(
              "How many handshakes of a listener may be under way at once. Further ones get 454 4.7.0,"
                  + " or are closed where tls = implicit.");

  static final Option<Long> HANDSHAKE_TIMEOUT =
      Option.of(
              "tls_handshake_timeout",
              Types.duration(SECONDS, SECONDS.toNanos(1), LONGEST_NANOS),
              SECONDS.toNanos(30))
          .in(LISTENS)
          .manual("How long a handshake may take as a whole.");

  static final Option<Long> RELOAD_INTERVAL =
      Option.of(
              "tls_reload_interval",
              Types.duration(SECONDS, SECONDS.toNanos(1), LONGEST_NANOS),
              SECONDS.toNanos(10))
          .in(ScopeKind.GLOBAL)
          .manual(
              "How often the files of certificates are looked at. Where one has changed, and all can"
                  + " be used, new connections have the new ones.");

  private TlsOptions() {}

  private static SequencedMap<String, Optional<TlsEngine>> engines() {
    var engines = new LinkedHashMap<String, Optional<TlsEngine>>();
    engines.put("auto", Optional.empty());
    for (var engine : TlsEngine.values()) {
      engines.put(engine.toString(), Optional.of(engine));
    }
    return engines;
  }

  private static SequencedMap<String, TlsVersion> versions() {
    var versions = new LinkedHashMap<String, TlsVersion>();
    for (var version : TlsVersion.values()) {
      versions.put(version.toString().toLowerCase(Locale.ROOT), version);
    }
    return versions;
  }

  /** Adds them to a schema. */
  public static void declare(Schema.Builder schema) {
    schema.options(
        ENGINE,
        PROTOCOLS,
        CIPHERS,
        GROUPS,
        MODE,
        CERTIFICATE,
        KEY,
        SELF_SIGNED,
        CLIENT_CA,
        VERIFY_MODE,
        INJECTION,
        HANDSHAKES,
        HANDSHAKE_TIMEOUT,
        RELOAD_INTERVAL);
  }

  /** The engine in force, which the machine may not have. */
  public static TlsEngine engine(Scope global) {
    return global.get(ENGINE).orElseGet(TlsEngine::auto);
  }

  /** How often files of certificates are looked at, nanoseconds. */
  public static long reloadNanos(Scope global) {
    return global.get(RELOAD_INTERVAL);
  }

  /** Whether a listen makes a certificate for itself. */
  public static boolean isSelfSigned(Scope listen) {
    return listen.get(SELF_SIGNED) && listen.get(CERTIFICATE).isEmpty();
  }

  /**
   * What holds for a listen; empty where its connections are in clear.
   *
   * @param folder the data folder, from which paths count
   * @param ownCertificate where a listen that makes one has its certificate and key
   */
  public static Optional<TlsSettings> settings(
      Generation generation, String address, Scope listen, Path folder, Path ownCertificate) {
    var named = listen.get(CERTIFICATE);
    boolean own = isSelfSigned(listen);
    boolean has = own || !named.isEmpty();
    var mode = listen.get(MODE).orElse(has ? TlsMode.IFAVAILABLE : TlsMode.NO);
    if (mode == TlsMode.NO) {
      return Optional.empty();
    }
    var certificates = own ? List.of(ownCertificate) : named.stream().map(folder::resolve).toList();
    var keys = listen.get(KEY).stream().map(folder::resolve).toList();
    return Optional.of(
        new TlsSettings(
            address,
            mode,
            certificates,
            keys.isEmpty() ? certificates : keys,
            listen.get(CLIENT_CA).map(folder::resolve),
            listen.get(VERIFY_MODE),
            listen.get(INJECTION),
            listen.get(HANDSHAKES),
            listen.get(HANDSHAKE_TIMEOUT),
            suite(generation.global(), listen, TlsSuite.STRONG)));
  }

  private static TlsSuite suite(Scope global, Scope scope, List<String> byDefault) {
    var ciphers = scope.get(CIPHERS);
    return new TlsSuite(
        engine(global),
        List.copyOf(new LinkedHashSet<>(scope.get(PROTOCOLS))),
        ciphers.isEmpty() ? byDefault : ciphers,
        scope.get(GROUPS));
  }

  /**
   * What connections out offer.
   *
   * @param strong whether weak ciphers, which are better than clear text, are left out
   */
  static TlsSuite suiteOut(Scope global, boolean strong) {
    var all = new ArrayList<>(TlsSuite.STRONG);
    if (!strong) {
      all.addAll(TlsSuite.WEAK);
    }
    return suite(global, global, all);
  }

  /** What no single value of a listen shows. */
  public static List<ConfigError> check(Scope listen) {
    var errors = new ArrayList<ConfigError>();
    var mode = listen.find(MODE);
    boolean has = listen.get(SELF_SIGNED) || !listen.get(CERTIFICATE).isEmpty();
    boolean wants = mode.value().isPresent() && mode.value().get() != TlsMode.NO;
    if (wants && !has) {
      mode.at().ifPresent(at -> errors.add(new ConfigError(at, "tls without a tls_certificate")));
    }
    var keys = listen.find(KEY);
    int certificates = listen.get(CERTIFICATE).size();
    if (!keys.value().isEmpty() && keys.value().size() != certificates) {
      keys.at()
          .ifPresent(
              at ->
                  errors.add(
                      new ConfigError(
                          at,
                          "tls_key has "
                              + keys.value().size()
                              + " files, tls_certificate has "
                              + certificates)));
    }
    return errors;
  }
}
