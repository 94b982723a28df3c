package org.flywheelmta.net;

/** Whether connections of a listener are secured: option {@code tls} of listeners. */
public enum TlsMode {
  /** Never. */
  NO,
  /** Where the client asks for it. */
  IFAVAILABLE,
  /** The client has to ask for it before it may do anything. */
  REQUIRED,
  /** From the first octet on. */
  IMPLICIT
}
