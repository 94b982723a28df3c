package org.flywheelmta.sim;

/** A kind of trouble that a scenario makes. */
public enum Fault {
  /** The power failed; what was not forced is gone. */
  POWER_CUT_DROPPED,
  /** The power failed; what was not forced is there all the same. */
  POWER_CUT_KEPT,
  /** The power failed; some of what was not forced is there. */
  POWER_CUT_TORN,
  /** The process ended at once, and the machine went on. */
  PROCESS_KILLED,
  /** A connection to the gateway was refused. */
  GATEWAY_REFUSED,
  /** The gateway reset a connection in the middle of a message. */
  GATEWAY_RESET_IN_BODY,
  /** The gateway never answered the end of a message, taken on or not. */
  GATEWAY_SILENT_AFTER_DOT,
  /** The gateway refused a recipient for good. */
  GATEWAY_REFUSED_FOR_GOOD,
  /** The gateway made the server wait. */
  SLOW_GATEWAY,
  /** A client sent a message in pieces with pauses between them. */
  SLOW_CLIENT,
  /** A socket took less than it was offered. */
  SHORT_WRITE,
  /** The network broke a connection. */
  CONNECTION_RESET,
  /** The wall clock was set forward. */
  CLOCK_FORWARD,
  /** The wall clock was set back. */
  CLOCK_BACK,
  /** A message came that is too large for one record of the spool. */
  LARGE_MAIL
}
