package org.flywheelmta.message;

import io.netty.util.AsciiString;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Locale;
import org.flywheelmta.base.ReadOnlyThreadSafe;

/**
 * A mailbox as it stood in the envelope (RFC 5321 section 4.1.2), without its angle brackets and
 * source route; or the null sender. Two addresses are equal when their octets are.
 */
@ReadOnlyThreadSafe
public final class Address {
  /** The null reverse-path, {@code <>}. */
  public static final Address NULL = new Address(new byte[0], -1);

  private final byte[] octets;
  // Index of the @ that separates local part and domain; -1 where there is no domain.
  private final int at;

  private Address(byte[] octets, int at) {
    this.octets = octets;
    this.at = at;
  }

  /**
   * An address that was checked before, such as one that the spool gives back.
   *
   * @param octets as they go over the wire; taken over, not copied
   */
  public static Address of(byte[] octets) {
    if (octets.length == 0) {
      return NULL;
    }
    return new Address(octets, separator(octets));
  }

  /** The index of the first @ outside of a quoted local part; -1 without one. */
  private static int separator(byte[] octets) {
    boolean quoted = false;
    for (int i = 0; i < octets.length; i++) {
      switch (octets[i]) {
        case '"' -> quoted = !quoted;
        case '\\' -> i += quoted ? 1 : 0;
        case '@' -> {
          if (!quoted) {
            return i;
          }
        }
        default -> {}
      }
    }
    return -1;
  }

  /** An address from text, for tests and tools. */
  public static Address of(String text) {
    return of(text.getBytes(StandardCharsets.UTF_8));
  }

  /** True for the null reverse-path. */
  public boolean isNull() {
    return octets.length == 0;
  }

  /** The octets; the caller does not change them. */
  public byte[] octets() {
    return octets;
  }

  /**
   * The domain in lower case; empty where there is none ({@code <postmaster>}, the null sender).
   */
  public String domain() {
    if (at < 0) {
      return "";
    }
    return new String(octets, at + 1, octets.length - at - 1, StandardCharsets.UTF_8)
        .toLowerCase(Locale.ROOT);
  }

  /** Octets of the local part as written. */
  public AsciiString localPart() {
    return new AsciiString(octets, 0, at < 0 ? octets.length : at, false);
  }

  /** True when any octet is outside ASCII, so that it needs SMTPUTF8 (RFC 6531). */
  public boolean needsUtf8() {
    for (byte octet : octets) {
      if (octet < 0) {
        return true;
      }
    }
    return false;
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Address that && Arrays.equals(octets, that.octets);
  }

  @Override
  public int hashCode() {
    return Arrays.hashCode(octets);
  }

  @Override
  public String toString() {
    return new String(octets, StandardCharsets.UTF_8);
  }
}
