package org.flywheelmta.sim;

import org.flywheelmta.base.ReadOnlyThreadSafe;

/**
 * What happens to a server in a scenario; when, and how hard, its seed says.
 *
 * @param mails how many are sent at first; where fewer are acknowledged, more follow
 * @param recipients the most that one has
 * @param sessions how many clients come at once
 * @param largeOneIn how rare large mails are; 0: none
 * @param powerCuts how often the server's machine loses its power
 * @param kills how often its process ends at once
 * @param clockSteps how often its wall clock is set forward, and how often back
 * @param troubleOneIn how rare the gateway's trouble is, per command
 * @param troubleSeconds for how long there is trouble
 * @param drainSeconds how long the server may take for the rest when there is none any more
 */
@ReadOnlyThreadSafe
public record Plan(
    int mails,
    int recipients,
    int sessions,
    int largeOneIn,
    int powerCuts,
    int kills,
    int clockSteps,
    int troubleOneIn,
    long troubleSeconds,
    long drainSeconds) {
  /** An hour with few mails, three power cuts and a kill. */
  public static Plan hour() {
    return new Plan(60, 3, 1, 0, 3, 1, 0, 12, 3600, 6 * 3600);
  }

  /** Forty minutes in which everything goes wrong under load. */
  public static Plan hard() {
    return new Plan(500, 4, 10, 40, 5, 2, 2, 25, 2400, 8 * 3600);
  }

  /** What a run of this plan must have met to prove anything. */
  void expectIn(Faults faults) {
    faults.expect(Fault.PROCESS_KILLED, kills);
    faults.expect(Fault.CLOCK_FORWARD, clockSteps);
    faults.expect(Fault.CLOCK_BACK, clockSteps);
    faults.expect(Fault.SHORT_WRITE, 1);
    if (powerCuts >= 3) {
      faults.expect(Fault.POWER_CUT_DROPPED, 1);
      faults.expect(Fault.POWER_CUT_KEPT, 1);
      faults.expect(Fault.POWER_CUT_TORN, 1);
    }
    if (sessions > 1) {
      faults.expect(Fault.SLOW_CLIENT, 1);
      faults.expect(Fault.SLOW_GATEWAY, 1);
      faults.expect(Fault.GATEWAY_REFUSED, 1);
      faults.expect(Fault.GATEWAY_RESET_IN_BODY, 1);
      faults.expect(Fault.GATEWAY_SILENT_AFTER_DOT, 1);
      faults.expect(Fault.GATEWAY_REFUSED_FOR_GOOD, 1);
      faults.expect(Fault.CONNECTION_RESET, 1);
    }
    if (largeOneIn > 0) {
      faults.expect(Fault.LARGE_MAIL, 1);
    }
  }
}
