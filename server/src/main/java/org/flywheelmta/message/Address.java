package org.flywheelmta.message;

import io.netty.util.AsciiString;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Locale;
import org.flywheelmta.base.DomainName;
import org.flywheelmta.base.ReadOnlyThreadSafe;
import org.jspecify.annotations.Nullable;

/**
 * A mailbox as it stood in the envelope (RFC 5321 section 4.1.2), without its angle brackets and
 * source route; or the null sender. It may hold UTF-8 (RFC 6531 section 3.3). Two addresses are
 * equal when their octets are.
 */
@ReadOnlyThreadSafe
public final class Address {
  /** The null reverse-path, {@code <>}. */
  public static final Address NULL = new Address(new byte[0], -1);

  private final byte[] octets;
  // Index of the @ that separates local part and domain; -1 where there is no domain.
  private final int at;
  // The domain with A-labels; null where it is ASCII already, and where it has no such form.
  private final @Nullable String mapped;

  private Address(byte[] octets, int at) {
    this.octets = octets;
    this.at = at;
    this.mapped =
        at >= 0 && isBeyondAscii(octets, at) ? DomainName.toAscii(text(octets, at)) : null;
  }

  private static boolean isBeyondAscii(byte[] octets, int from) {
    for (int i = from; i < octets.length; i++) {
      if (octets[i] < 0) {
        return true;
      }
    }
    return false;
  }

  /** The domain behind the @ at {@code at}, as written. */
  private static String text(byte[] octets, int at) {
    return new String(octets, at + 1, octets.length - at - 1, StandardCharsets.UTF_8);
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

  /** About how many bytes its spellings take. */
  int bytes() {
    return octets.length + (mapped == null ? 0 : mapped.length());
  }

  /** True for the null reverse-path. */
  public boolean isNull() {
    return octets.length == 0;
  }

  /** The octets; the caller does not change them. */
  public byte[] octets() {
    return octets;
  }

  /** False of {@code <postmaster>} and the null sender, whose {@link #domain} is empty. */
  public boolean hasDomain() {
    return at >= 0 && at + 1 < octets.length;
  }

  /**
   * The domain in the form by which it is queued and looked up: lower case, with A-labels (RFC
   * 5890); as written, in lower case, where it has no such form. Empty where there is none ({@code
   * <postmaster>}, the null sender).
   */
  public String domain() {
    if (mapped != null) {
      return mapped;
    }
    return at < 0 ? "" : text(octets, at).toLowerCase(Locale.ROOT);
  }

  /** False where the domain holds octets above 127 and is none that IDNA knows (RFC 5891). */
  public boolean isRoutable() {
    return mapped != null || at < 0 || !isBeyondAscii(octets, at);
  }

  /**
   * The address in ASCII: itself, or with A-labels in its domain; null where the local part is
   * beyond ASCII or the domain has no such form. It may be longer than a path may be.
   */
  public @Nullable Address ascii() {
    if (!needsUtf8()) {
      return this;
    }
    for (int i = 0; i < at; i++) {
      if (octets[i] < 0) {
        return null;
      }
    }
    if (mapped == null) {
      return null;
    }
    var domain = mapped.getBytes(StandardCharsets.US_ASCII);
    var ascii = Arrays.copyOf(octets, at + 1 + domain.length);
    System.arraycopy(domain, 0, ascii, at + 1, domain.length);
    return new Address(ascii, at);
  }

  /** Octets of the local part as written. */
  public AsciiString localPart() {
    return new AsciiString(octets, 0, at < 0 ? octets.length : at, false);
  }

  /** True when any octet is outside ASCII, so that it needs SMTPUTF8 (RFC 6531). */
  public boolean needsUtf8() {
    return isBeyondAscii(octets, 0);
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
