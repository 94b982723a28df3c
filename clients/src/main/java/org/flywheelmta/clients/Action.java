package org.flywheelmta.clients;

import java.util.List;

/** What a receiver does at a {@link Moment}. */
public sealed interface Action {
  /** What it does without a script. */
  record Ordinary() implements Action {}

  /**
   * It gives this reply.
   *
   * @param code three digits
   * @param lines one or more
   */
  record Answer(int code, List<String> lines) implements Action {}

  /**
   * It sends these octets, an octet a character, as they are.
   *
   * @param text with its line ends
   */
  record Say(String text) implements Action {}

  /** It closes the connection. */
  record Close() implements Action {}

  /** It resets the connection. */
  record Reset() implements Action {}

  /** It never says anything again, and reads on until the peer goes. */
  record Silence() implements Action {}
}
