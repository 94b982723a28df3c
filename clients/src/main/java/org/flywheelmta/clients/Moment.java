package org.flywheelmta.clients;

import java.util.Locale;

/** Where in a session a receiver answers. */
public enum Moment {
  /** The connection has come. */
  CONNECT,
  /** EHLO or HELO. */
  EHLO,
  MAIL,
  RCPT,
  DATA,
  /** The first line of the mail data has come. */
  BODY,
  /** The final dot. */
  END,
  RSET,
  NOOP,
  QUIT;

  /** As a script writes it. */
  public String word() {
    return name().toLowerCase(Locale.ROOT);
  }
}
