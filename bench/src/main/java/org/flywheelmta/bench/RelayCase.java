package org.flywheelmta.bench;

import java.util.Locale;

/** What is sent to each peer of {@code relay}, and what happens to it. */
enum RelayCase {
  KEPT_20(20, 10_240, true, 20_000, 4_000),
  KEPT_100(100, 10_240, true, 20_000, 4_000),
  RECONNECT(20, 10_240, false, 10_000, 2_000),
  LARGE(20, 1_000_000, true, 1_000, 300),
  ACCEPT(20, 10_240, true, 20_000, 4_000);

  /** The count of mails that the others are in proportion to. */
  static final int USUAL_MESSAGES = 20_000;

  private final int sessions;
  private final int length;
  private final boolean kept;
  private final int messages;
  private final int fewMessages;

  RelayCase(int sessions, int length, boolean kept, int messages, int fewMessages) {
    this.sessions = sessions;
    this.length = length;
    this.kept = kept;
    this.messages = messages;
    this.fewMessages = fewMessages;
  }

  /** As it is written on the command line. */
  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  /** How many at once. */
  int sessions() {
    return sessions;
  }

  /** Octets of a mail's text. */
  int length() {
    return length;
  }

  /** Whether a session takes all of its mails; otherwise one. */
  boolean kept() {
    return kept;
  }

  /** Whether mail goes on to the sink. */
  boolean delivers() {
    return this != ACCEPT;
  }

  /**
   * Mails of one run, so many that peers run about as long as each other.
   *
   * @param usual the count for {@link #KEPT_20}
   * @param slow whether the peer is one that takes few
   */
  int messages(int usual, boolean slow) {
    long own = slow ? fewMessages : messages;
    return (int) Math.max(sessions, own * usual / USUAL_MESSAGES);
  }
}
