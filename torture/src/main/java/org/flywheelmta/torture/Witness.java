package org.flywheelmta.torture;

/**
 * Sees each mail of an {@link Offering} end. Called by the sessions, each on a thread of its own,
 * which sends nothing meanwhile.
 */
public interface Witness {
  /** One who looks at nothing. */
  Witness NOBODY =
      new Witness() {
        @Override
        public void ending(String id, long micros) {}

        @Override
        public void acknowledged(String id, long endingMicros, long micros) {}
      };

  /**
   * The write that carries the last octets of a mail comes next.
   *
   * @param id of the mail, which {@link Address#id} finds in its addresses
   * @param micros by {@link MicroClock}
   */
  void ending(String id, long micros);

  /**
   * The reply to them is there, and it is positive.
   *
   * @param endingMicros when the mail was ending
   * @param micros by {@link MicroClock}
   */
  void acknowledged(String id, long endingMicros, long micros);
}
