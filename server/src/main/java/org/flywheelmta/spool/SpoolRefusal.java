package org.flywheelmta.spool;

/** Why the spool did not take a transaction. */
public enum SpoolRefusal {
  /** The disk has no room for it now; later it may (452 4.3.1 in SMTP). */
  FULL,
  /** The volume has failed and is sealed until the server is restarted (451 4.3.0). */
  SEALED,
  /** The server is stopping (421 4.3.2). */
  STOPPING
}
