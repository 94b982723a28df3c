package org.flywheelmta.config;

import java.util.regex.Pattern;
import org.flywheelmta.base.ReadOnlyThreadSafe;

/**
 * An operator's pattern for domains or hosts, unanchored and blind to case. The name comes from the
 * network, so a match may look at {@code Limits.PATTERN_STEPS} characters; one that needs more, or
 * more stack than there is, and a name longer than {@code Limits.NAME_LENGTH}, does not match.
 */
@ReadOnlyThreadSafe
record NamePattern(Pattern pattern) {
  /** Throws {@code PatternSyntaxException}. */
  static NamePattern compile(String regex) {
    return new NamePattern(Pattern.compile(regex, Pattern.CASE_INSENSITIVE));
  }

  boolean matches(String name) {
    if (name.length() > Limits.NAME_LENGTH) {
      return false;
    }
    try {
      return pattern.matcher(new Metered(name)).find();
    } catch (ExhaustedException | StackOverflowError _) {
      return false;
    }
  }

  private static final class ExhaustedException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    ExhaustedException() {
      super("a pattern looked at too many characters", null, false, false);
    }
  }

  /** A name that counts how often it is looked at, the only way to stop the matcher. */
  private static final class Metered implements CharSequence {
    private final String name;
    private int steps;

    Metered(String name) {
      this.name = name;
    }

    @Override
    public char charAt(int index) {
      if (++steps > Limits.PATTERN_STEPS) {
        throw new ExhaustedException();
      }
      return name.charAt(index);
    }

    @Override
    public int length() {
      return name.length();
    }

    @Override
    public CharSequence subSequence(int start, int end) {
      return name.substring(start, end);
    }

    @Override
    public String toString() {
      return name;
    }
  }
}
