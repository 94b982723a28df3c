package org.flywheelmta.event;

/** Numbers in decimal, written in place. */
final class Digits {
  private Digits() {}

  /** Puts the last {@code width} digits of {@code number}, with leading zeros, at {@code at}. */
  static void put(char[] text, int at, int width, long number) {
    long rest = number;
    for (int i = at + width - 1; i >= at; i--) {
      text[i] = (char) ('0' + rest % 10);
      rest /= 10;
    }
  }
}
