package org.flywheelmta.torture;

/**
 * A mail with its time.
 *
 * @param dueMicros when it was meant to be offered, from which its latency counts; 0 where it has
 *     no such time
 * @param offerMicros when it may be offered: the same, or later where it was refused before
 * @param refusals how often it was refused for the moment
 */
record Arrival(Mail mail, long dueMicros, long offerMicros, int refusals) {
  static Arrival at(long micros, Mail mail) {
    return new Arrival(mail, micros, micros, 0);
  }

  Arrival again(long laterMicros) {
    return new Arrival(mail, dueMicros, laterMicros, refusals + 1);
  }
}
