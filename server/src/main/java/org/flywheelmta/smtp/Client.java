package org.flywheelmta.smtp;

import io.netty.util.NetUtil;
import java.net.Inet6Address;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import org.flywheelmta.auth.Identity;
import org.flywheelmta.base.NonThreadSafe;
import org.flywheelmta.event.Tls;
import org.flywheelmta.net.PeerText;
import org.jspecify.annotations.Nullable;

/** Who is at the other end of a session. */
@NonThreadSafe
public final class Client {
  private final String listener;
  private final String peer;
  private final String literal;
  private final SmtpPolicy policy;
  private final boolean trusted;
  private String name = "";
  private boolean extended;
  private @Nullable Tls tls;
  private @Nullable Identity identity;

  Client(String listener, SocketAddress address, SmtpPolicy policy) {
    this.listener = listener;
    this.peer = PeerText.of(address);
    this.literal = literal(address);
    this.policy = policy;
    this.trusted =
        address instanceof InetSocketAddress internet
            && policy.relaysFor(internet.getAddress().getAddress());
  }

  /** Name of the listener that it came to. */
  public String listener() {
    return listener;
  }

  /** Its address and port. */
  public String peer() {
    return peer;
  }

  /** Its address as a literal of RFC 5321 section 4.1.3, with brackets. */
  String literal() {
    return literal;
  }

  private static String literal(SocketAddress address) {
    if (!(address instanceof InetSocketAddress internet)) {
      return "[local]";
    }
    var octets = internet.getAddress();
    var text = NetUtil.toAddressString(octets);
    return octets instanceof Inet6Address ? "[IPv6:" + text + "]" : "[" + text + "]";
  }

  /** The name of its EHLO or HELO; empty before. */
  public String name() {
    return name;
  }

  /** True after EHLO or HELO. */
  public boolean greeted() {
    return !name.isEmpty();
  }

  /** True when the last greeting was EHLO. */
  public boolean extended() {
    return extended;
  }

  /** True when it may send to anywhere: one of {@code relay_hosts}, or one that has logged in. */
  public boolean trusted() {
    return trusted || identity != null;
  }

  /** Who it has logged in as; null for nobody. */
  public @Nullable Identity identity() {
    return identity;
  }

  /** How its connection is secured; null for one in clear. */
  public @Nullable Tls tls() {
    return tls;
  }

  SmtpPolicy policy() {
    return policy;
  }

  /** What it has said before counts no more. */
  void secured(Tls by) {
    tls = by;
    name = "";
    extended = false;
    identity = null;
  }

  void authenticated(Identity as) {
    identity = as;
  }

  void greeted(String hello, boolean byEhlo) {
    name = hello;
    extended = byEhlo;
  }
}
