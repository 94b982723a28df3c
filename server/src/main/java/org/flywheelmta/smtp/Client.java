package org.flywheelmta.smtp;

import java.net.InetSocketAddress;
import java.net.SocketAddress;
import org.flywheelmta.base.NonThreadSafe;

/** Who is at the other end of a session. */
@NonThreadSafe
public final class Client {
  private final String listener;
  private final SocketAddress address;
  private final SmtpPolicy policy;
  private final boolean trusted;
  private String name = "";
  private boolean extended;

  Client(String listener, SocketAddress address, SmtpPolicy policy) {
    this.listener = listener;
    this.address = address;
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
    return address instanceof InetSocketAddress internet
        ? internet.getAddress().getHostAddress() + ":" + internet.getPort()
        : address.toString();
  }

  /** Its address as a literal of RFC 5321 section 4.1.3, with brackets. */
  String literal() {
    if (!(address instanceof InetSocketAddress internet)) {
      return "[local]";
    }
    var text = internet.getAddress().getHostAddress();
    return text.indexOf(':') < 0 ? "[" + text + "]" : "[IPv6:" + text + "]";
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

  /** True when it may send to anywhere ({@code relay_hosts}). */
  public boolean trusted() {
    return trusted;
  }

  SmtpPolicy policy() {
    return policy;
  }

  void greeted(String hello, boolean byEhlo) {
    name = hello;
    extended = byEhlo;
  }
}
