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
  /** A connection to the gateway was never answered. */
  GATEWAY_UNREACHABLE,
  /** The gateway greeted with 421. */
  GATEWAY_BUSY,
  /** The gateway had as many connections as it bears, and greeted one more with 421. */
  GATEWAY_FULL,
  /** The gateway put a recipient off, since it had not seen it before. */
  GREYLISTED,
  /** The gateway put a recipient off for as long as there was trouble. */
  MAILBOX_FULL,
  /** There was no route to an address. */
  NO_ROUTE,
  /** A host was tried that never answers. */
  DEAD_HOST_TRIED,
  /** A host was tried that had ceased to take the mail of a domain. */
  OLD_HOST_TRIED,
  /** A name server answered SERVFAIL. */
  DNS_SERVFAIL,
  /** A name server did not answer. */
  DNS_SILENT,
  /** A name server answered seconds later. */
  DNS_SLOW,
  /** A name server's answer did not fit into a datagram. */
  DNS_TRUNCATED,
  /** The servers of one domain failed, and those of the others did not. */
  DNS_LAME,
  /** A mail was taken for a domain that does not exist. */
  NO_SUCH_DOMAIN,
  /** A mail was taken for a domain that takes none. */
  NULL_MX,
  /** A mail was taken for a domain whose hosts have no address. */
  NO_HOST,
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
