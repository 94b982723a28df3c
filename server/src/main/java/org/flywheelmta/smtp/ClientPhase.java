package org.flywheelmta.smtp;

/** Where the dialogue of a delivery session stands: what it waits for. */
enum ClientPhase {
  CONNECT("connect"),
  BANNER("banner"),
  EHLO("ehlo"),
  HELO("ehlo"),
  STARTTLS("starttls"),
  /** The handshake. */
  TLS("tls"),
  /** No transaction: waits for the source to have messages. */
  IDLE("idle"),
  MAIL("mail"),
  RCPT("rcpt"),
  DATA("data"),
  /** The content is being sent; the peer has nothing to say. */
  BODY("body"),
  /** The end of data was sent; its reply decides. */
  END("end"),
  RSET("rset"),
  QUIT("quit"),
  /** Whatever the peer says now comes too late. */
  CLOSING("quit");

  private final String word;

  ClientPhase(String word) {
    this.word = word;
  }

  /** What events call the phase. */
  String word() {
    return word;
  }

  /** True before the peer has accepted our introduction. */
  boolean isOpening() {
    return compareTo(IDLE) < 0;
  }
}
