package org.flywheelmta.sim;

import org.flywheelmta.base.ReadOnlyThreadSafe;

/**
 * How much happens in a day of a sender's life; when, where and how hard, its seed says.
 *
 * @param waves how often mails come for any domains; more come where there is trouble
 * @param mails the most in one session of a wave
 * @param recipients the most of one mail
 * @param sessions the most clients at once
 * @param powerCuts how often the server's machine loses its power
 * @param kills how often its process ends at once
 * @param clockSteps how often its wall clock is set forward, and how often back
 * @param troubles of hosts, beside one of each kind
 */
@ReadOnlyThreadSafe
public record Day(
    int waves,
    int mails,
    int recipients,
    int sessions,
    int powerCuts,
    int kills,
    int clockSteps,
    int troubles) {
  /** How long it lasts. */
  static final long NANOS = 86_400_000_000_000L;

  /** A few hundred mails, and all kinds of trouble. */
  public static Day usual() {
    return new Day(24, 5, 4, 3, 3, 1, 2, 6);
  }

  /** What a run must have met to prove anything. */
  void expectIn(Faults faults) {
    for (var fault : Fault.values()) {
      if (fault != Fault.CONNECTION_RESET) {
        faults.expect(fault, 1);
      }
    }
    faults.expect(Fault.PROCESS_KILLED, kills);
    faults.expect(Fault.CLOCK_FORWARD, clockSteps);
    faults.expect(Fault.CLOCK_BACK, clockSteps);
    faults.expect(Fault.OLD_HOST_TRIED, 2);
  }
}
