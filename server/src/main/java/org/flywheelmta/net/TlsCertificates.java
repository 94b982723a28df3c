package org.flywheelmta.net;

import io.netty.handler.ssl.ClientAuth;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.util.ReferenceCountUtil;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.Arrays;
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
  private final byte[] digest;
  private final AtomicInteger references = new AtomicInteger(1);

  private TlsCertificates(List<TlsIdentity> identities, List<SslContext> contexts, byte[] digest) {
    this.identities = identities;
    this.contexts = contexts;
    this.digest = digest;
    for (int i = 0; i < identities.size(); i++) {
      for (var name : identities.get(i).names()) {
        byName.putIfAbsent(name, contexts.get(i));
      }
    }
  }

  /** Reads the files that the settings name; blocks. One reference is the caller's. */
  static TlsCertificates load(TlsSettings settings, Disk disk) throws UnusableCertificate {
    var files = new TlsFiles(disk);
    var identities = new ArrayList<TlsIdentity>();
    for (int i = 0; i < settings.certificates().size(); i++) {
      identities.add(
          TlsIdentity.load(files, settings.certificates().get(i), settings.keys().get(i)));
    }
    var authorities = new ArrayList<X509Certificate>();
    if (settings.clientCa().isPresent()) {
      var path = settings.clientCa().get();
      authorities.addAll(files.certificates(path, files.read(path)));
    }
    var contexts = new ArrayList<SslContext>();
    try {
      for (var identity : identities) {
        contexts.add(context(settings, identity, authorities));
      }
    } catch (UnusableCertificate unusable) {
      contexts.forEach(ReferenceCountUtil::release);
      throw unusable;
    }
    return new TlsCertificates(List.copyOf(identities), List.copyOf(contexts), files.digest());
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

  boolean isSame(TlsCertificates other) {
    return Arrays.equals(digest, other.digest);
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
