package org.flywheelmta.spool;

/** How opening a spool went. */
public sealed interface Opened {
  /** It is open and takes transactions; recovery has begun. */
  record Ok(Spool spool) implements Opened {}

  /**
   * It is not open, and no segment was changed.
   *
   * @param line one clear line for the operator
   */
  record Failed(Kind kind, String line) implements Opened {}

  /** Why a spool is not opened. */
  enum Kind {
    /** Another process holds it. */
    LOCKED,
    /** It was written by a version of the server that this one does not know. */
    UNKNOWN_VERSION,
    /** The folder or a file in it cannot be made. */
    UNUSABLE,
    /** Permission is missing. */
    DENIED,
    /** The disk fails. */
    BROKEN
  }
}
