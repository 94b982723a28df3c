package org.flywheelmta.domain;

import io.netty.util.NetUtil;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import org.flywheelmta.base.ConcurrentThreadSafe;
import org.flywheelmta.event.MailEvent.Reply;

/** Says where the mail of a record goes. */
@ConcurrentThreadSafe
@FunctionalInterface
public interface Router {
  /** Where mail goes, or why it goes nowhere now. */
  sealed interface Route {}

  /**
   * A host that takes it.
   *
   * @param host its name, for logs
   * @param address resolved address and port
   */
  record Host(String host, InetSocketAddress address) implements Route {}

  /** There is no way now; the messages fail for the time being with this reply. */
  record NoRoute(Reply reply) implements Route {}

  /**
   * The route of a domain or gateway. Answers at once, on the record's scheduler.
   *
   * @param name the recipient's domain, or host of the gateway
   * @param port the port of the gateway; -1 for mail that goes to its domain
   */
  Route route(String name, int port);

  /**
   * The router that knows gateways given as addresses, and no other host: everything else has no
   * route (X.4.4 of RFC 3463).
   */
  static Router gateways() {
    return (name, port) -> {
      var octets = port < 0 ? null : NetUtil.createByteArrayFromIpAddressString(name);
      if (octets == null) {
        return new NoRoute(new Reply("route", 0, "4.4.4", "no route to " + name));
      }
      try {
        return new Host(name, new InetSocketAddress(InetAddress.getByAddress(name, octets), port));
      } catch (UnknownHostException e) {
        return new NoRoute(new Reply("route", 0, "4.4.4", "no route to " + name));
      }
    };
  }
}
