package org.flywheelmta.dns;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The name servers that a resolv.conf file names; nothing else in it counts. */
public final class ResolvConf {
  /** Where the machine has its file. */
  public static final String PATH = "/etc/resolv.conf";

  /** How many servers of a file count, as in the resolver of the C library. */
  public static final int MOST_SERVERS = 3;

  /** How much of a file is read. */
  public static final int MOST_BYTES = 64 * 1024;

  private static final String KEYWORD = "nameserver";

  private ResolvConf() {}

  /**
   * The servers of the file's {@code nameserver} lines, in their order, with the port of the
   * protocol. A line that cannot be understood is passed over.
   */
  public static List<InetSocketAddress> servers(String text) {
    var servers = new ArrayList<InetSocketAddress>();
    for (var line : text.lines().toList()) {
      var address = address(line);
      if (address != null && servers.size() < MOST_SERVERS) {
        servers.add(new InetSocketAddress(address, DnsOptions.PORT));
      }
    }
    return servers;
  }

  private static @Nullable InetAddress address(String line) {
    int after = KEYWORD.length();
    if (!line.startsWith(KEYWORD)
        || line.length() == after
        || !Character.isWhitespace(line.charAt(after))) {
      return null;
    }
    var rest = line.substring(after).strip();
    int end = 0;
    while (end < rest.length() && !Character.isWhitespace(rest.charAt(end))) {
      end++;
    }
    return literal(rest.substring(0, end));
  }

  /** An address, never a name; IPv6 with the scope that it may have (RFC 4007 section 11). */
  private static @Nullable InetAddress literal(String text) {
    int scope = text.indexOf('%');
    var address = scope < 0 ? text : text.substring(0, scope);
    boolean version6 = address.indexOf(':') >= 0;
    if (!(version6 ? isOf(address, "0123456789abcdefABCDEF:.") : isOf(address, "0123456789."))) {
      return null;
    }
    try {
      // A text of such characters is parsed; nothing is looked up but the scope's interface.
      return version6 || isVersion4(address) ? InetAddress.getByName(text) : null;
    } catch (UnknownHostException none) {
      return null;
    }
  }

  private static boolean isVersion4(String text) {
    return text.chars().filter(c -> c == '.').count() == 3;
  }

  private static boolean isOf(String text, String characters) {
    return !text.isEmpty() && text.chars().allMatch(c -> characters.indexOf(c) >= 0);
  }
}
