package org.flywheelmta.net;

import io.netty.handler.ssl.OpenSsl;
import io.netty.handler.ssl.SslProvider;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What encrypts: option {@code tls_engine}. */
public enum TlsEngine {
  /** BoringSSL through Netty's native library. */
  BORINGSSL("boringssl"),
  /** The JDK's; works everywhere, and has no hybrid group. */
  JDK("jdk");

  private final String word;

  TlsEngine(String word) {
    this.word = word;
  }

  /** What {@code tls_engine = auto} means on this machine: BoringSSL, else the JDK's. */
  public static TlsEngine auto() {
    return BORINGSSL.lack() == null ? BORINGSSL : JDK;
  }

  /** Those that this machine has; the one of {@link #auto} is among them. */
  public static List<TlsEngine> available() {
    var available = new ArrayList<TlsEngine>();
    for (var engine : values()) {
      if (engine.lack() == null) {
        available.add(engine);
      }
    }
    return available;
  }

  /** Why this machine does not have it, as one clause; null when it does. */
  public @Nullable String lack() {
    if (this == JDK) {
      return null;
    }
    try {
      var cause = OpenSsl.unavailabilityCause();
      return cause == null ? null : firstLine(cause);
    } catch (LinkageError absent) {
      return firstLine(absent);
    }
  }

  private static String firstLine(Throwable cause) {
    var text = String.valueOf(cause.getMessage() == null ? cause : cause.getMessage()).strip();
    int end = text.indexOf('\n');
    return (end < 0 ? text : text.substring(0, end)).strip();
  }

  SslProvider provider() {
    return this == BORINGSSL ? SslProvider.OPENSSL_REFCNT : SslProvider.JDK;
  }

  /** The word for it in the configuration, in logs and on the command line. */
  @Override
  public String toString() {
    return word;
  }
}
