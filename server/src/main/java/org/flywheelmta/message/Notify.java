package org.flywheelmta.message;

import java.nio.charset.StandardCharsets;
import java.util.Locale;
import org.flywheelmta.base.ReadOnlyThreadSafe;
import org.jspecify.annotations.Nullable;

/**
 * When the sender of a message wants to be told of it (RFC 3461 section 4.1).
 *
 * @param success when it was delivered, or passed on to where nobody will tell
 * @param failure when it was given up
 * @param delay when it is late
 */
@ReadOnlyThreadSafe
public record Notify(boolean success, boolean failure, boolean delay) {
  /** Nothing was said: of failures, and of delays where the server tells of those. */
  private static final Notify UNSAID = new Notify(false, true, true);

  private static final Notify NEVER = new Notify(false, false, false);

  /** What the fields of a recipient say. */
  public static Notify of(Fields fields) {
    var value = fields.value(Tag.DSN_NOTIFY);
    if (value == null) {
      return UNSAID;
    }
    var read = read(new String(value, StandardCharsets.US_ASCII));
    return read == null ? UNSAID : read;
  }

  /** Reads the value of the parameter NOTIFY; null where it is none. */
  public static @Nullable Notify read(String value) {
    if (value.equalsIgnoreCase("NEVER")) {
      return NEVER;
    }
    boolean success = false;
    boolean failure = false;
    boolean delay = false;
    int from = 0;
    while (from <= value.length()) {
      int comma = value.indexOf(',', from);
      int end = comma < 0 ? value.length() : comma;
      switch (value.substring(from, end).toUpperCase(Locale.ROOT)) {
        case "SUCCESS" -> success = true;
        case "FAILURE" -> failure = true;
        case "DELAY" -> delay = true;
        default -> {
          return null;
        }
      }
      from = end + 1;
    }
    return new Notify(success, failure, delay);
  }
}
