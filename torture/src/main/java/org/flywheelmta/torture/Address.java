package org.flywheelmta.torture;

import org.jspecify.annotations.Nullable;

/**
 * The addresses of the harness say which mail they belong to: {@code s42-17.0@d3.torture.test} is
 * the first recipient of mail {@code s42-17}, {@code s42-17.1.refuse@d5.torture.test} its second,
 * whom the sink refuses for good, and {@code s42-17@from.torture.test} the sender, to whom reports
 * of failure go. All under {@code .test}, which RFC 6761 keeps out of the real world.
 */
public final class Address {
  private static final String SENDER_DOMAIN = "@from.torture.test";
  private static final String REFUSED_MARK = ".refuse";

  private Address() {}

  static String sender(String id) {
    return id + SENDER_DOMAIN;
  }

  static String recipient(String id, int index, boolean refused, int domain) {
    return id + '.' + index + (refused ? REFUSED_MARK : "") + "@d" + domain + ".torture.test";
  }

  static boolean isSender(String address) {
    return address.endsWith(SENDER_DOMAIN);
  }

  /** Whether the sink refuses this recipient for good. */
  static boolean isRefused(String address) {
    int at = address.lastIndexOf('@');
    return at > 0 && address.startsWith(REFUSED_MARK, at - REFUSED_MARK.length());
  }

  /** The id of the mail that a sender or a recipient belongs to, or null for any other address. */
  public static @Nullable String id(String address) {
    int at = address.lastIndexOf('@');
    if (at <= 0 || !address.endsWith(".torture.test")) {
      return null;
    }
    int dot = address.indexOf('.');
    return address.substring(0, Math.min(dot, at));
  }
}
