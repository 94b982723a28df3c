package org.flywheelmta.net;

import io.netty.handler.ssl.ClientAuth;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.util.ReferenceCountUtil;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import javax.net.ssl.SSLException;
import org.flywheelmta.base.Check;
import org.flywheelmta.base.ConcurrentThreadSafe;
import org.flywheelmta.disk.Disk;
import org.jspecify.annotations.Nullable;

/**
 * The certificates of a listen as they were read at one time, each with its context. Counted by
 * references: one is the acceptor's, and one each handshake's that has not chosen yet.
 */
@ConcurrentThreadSafe
final class TlsCertificates {
  private static final String ANY_LABEL = "*.";

  private final List<TlsIdentity> identities;
  private final List<SslContext> contexts;
  private final Map<String, SslContext> byName = new LinkedHashMap<>();
  private final String digest;
  private final AtomicInteger references = new AtomicInteger(1);

  private TlsCertificates(List<TlsIdentity> identities, List<SslContext> contexts, String digest) {
    this.identities = identities;
    this.contexts = contexts;
    this.digest = digest;
    for (int i = 0; i < identities.size(); i++) {
      for (var name : identities.get(i).names()) {
        byName.putIfAbsent(name, contexts.get(i));
      }
    }
  }

  /**
   * What the files of some settings hold.
   *
   * @param certificates the file of each certificate
   * @param keys that of its key
   * @param authorities those who are believed
   */
  record Source(
      List<PemFile> certificates, List<PemFile> keys, List<PemFile> authorities, String digest) {}

  /** Reads the files that the settings name, and no more than that; blocks. */
  static Source read(TlsSettings settings, Disk disk) throws UnusableCertificate {
    var files = new TlsFiles(disk);
    var certificates = files.readAll(settings.certificates());
    var keys =
        settings.keys().equals(settings.certificates())
            ? certificates
            : files.readAll(settings.keys());
    var authorities = files.readAll(settings.clientCa().stream().toList());
    return new Source(certificates, keys, authorities, files.digest());
  }

  /** Makes the contexts; takes some milliseconds. One reference is the caller's. */
  static TlsCertificates of(TlsSettings settings, Source source) throws UnusableCertificate {
    var identities = new ArrayList<TlsIdentity>();
    for (int i = 0; i < settings.certificates().size(); i++) {
      identities.add(
          TlsIdentity.of(
              settings.certificates().get(i),
              source.certificates().get(i),
              settings.keys().get(i),
              source.keys().get(i)));
    }
    var authorities = new ArrayList<X509Certificate>();
    for (var pem : source.authorities()) {
      authorities.addAll(TlsFiles.certificates(settings.clientCa().orElseThrow(), pem));
    }
    var contexts = new ArrayList<SslContext>();
    try {
      for (var identity : identities) {
        contexts.add(context(settings, identity, authorities));
      }
      return new TlsCertificates(List.copyOf(identities), List.copyOf(contexts), source.digest());
    } catch (UnusableCertificate | RuntimeException unusable) {
      contexts.forEach(ReferenceCountUtil::release);
      throw unusable;
    }
  }

  private static SslContext context(
      TlsSettings settings, TlsIdentity identity, List<X509Certificate> authorities)
      throws UnusableCertificate {
    var chain = identity.chain().toArray(X509Certificate[]::new);
    try {
      var builder = settings.suite().applyTo(SslContextBuilder.forServer(identity.key(), chain));
      if (!authorities.isEmpty()) {
        builder
            .trustManager(authorities.toArray(X509Certificate[]::new))
            .clientAuth(
                settings.verify() == TlsSettings.Verify.REQUIRED
                    ? ClientAuth.REQUIRE
                    : ClientAuth.OPTIONAL);
      }
      return builder.build();
    } catch (SSLException | IllegalArgumentException refused) {
      throw new UnusableCertificate(
          identity.file(), "the TLS engine does not take it: " + TlsFiles.reason(refused));
    }
  }

  /** True when they were made of these very octets. */
  boolean isOf(Source source) {
    return digest.equals(source.digest());
  }

  /** True when clients may be given different certificates. */
  boolean isChosenByName() {
    return contexts.size() > 1;
  }

  SslContext first() {
    return contexts.getFirst();
  }

  /** The context for the name that a client wants; the first where none is for it. */
  SslContext named(@Nullable String name) {
    if (name == null) {
      return first();
    }
    var wanted = name.toLowerCase(Locale.ROOT);
    var exact = byName.get(wanted);
    if (exact != null) {
      return exact;
    }
    int dot = wanted.indexOf('.');
    var wild = dot < 0 ? null : byName.get(ANY_LABEL + wanted.substring(dot + 1));
    return wild == null ? first() : wild;
  }

  /** One reference more, unless they are gone already. */
  boolean tryRetain() {
    while (true) {
      int count = references.get();
      if (count == 0) {
        return false;
      }
      if (references.compareAndSet(count, count + 1)) {
        return true;
      }
    }
  }

  void release() {
    int left = references.decrementAndGet();
    Check.that(left >= 0, "certificates are released too often");
    if (left == 0) {
      contexts.forEach(ReferenceCountUtil::release);
    }
  }

  /** File, names and end of each. */
  @Override
  public String toString() {
    var text = new StringBuilder();
    for (var identity : identities) {
      text.append(text.isEmpty() ? "" : "; ").append(identity);
    }
    return text.toString();
  }
}
