package org.flywheelmta.message;

/**
 * The numbers of the {@link Fields} that a transaction or one of its recipients may carry. They
 * stand in the spool, so a number never changes its meaning and is never used again.
 */
public final class Tag {
  /** RFC 6152 BODY: one octet, 7 or 8. */
  public static final int BODY = 1;

  /** RFC 6531 SMTPUTF8 was asked for: no octets. */
  public static final int SMTPUTF8 = 2;

  /** RFC 3461 RET: {@code FULL} or {@code HDRS}. */
  public static final int DSN_RET = 3;

  /** RFC 3461 ENVID, as xtext. */
  public static final int DSN_ENVID = 4;

  /** RFC 3461 NOTIFY of a recipient, as written. */
  public static final int DSN_NOTIFY = 5;

  /** RFC 3461 ORCPT of a recipient, as written. */
  public static final int DSN_ORCPT = 6;

  /** Kind of the recipient's address: mail, msisdn, jid. */
  public static final int ADDRESS_TYPE = 7;

  /** Kind of the content: mail, text, multimedia, stanza. */
  public static final int CONTENT_KIND = 8;

  /** Header changes for one recipient. */
  public static final int OVERLAY = 9;

  /** Context variables of the message: length-prefixed names and values. */
  public static final int CONTEXT = 10;

  /** Priority: one octet. */
  public static final int PRIORITY = 11;

  /** Never deliver before: wall clock microseconds, eight octets. */
  public static final int NOT_BEFORE = 12;

  /** Expires at: wall clock microseconds, eight octets; goes before the configured lifetime. */
  public static final int EXPIRY = 13;

  /** The authenticated identity that submitted it. */
  public static final int IDENTITY = 14;

  /** Name of the binding that was chosen. */
  public static final int BINDING = 15;

  /** Name of the route that was chosen. */
  public static final int ROUTE = 16;

  /** The batch that it belongs to. */
  public static final int BATCH = 17;

  /** The peer that it came from: address octets. */
  public static final int PEER = 18;

  /** The listener that took it, by name. */
  public static final int LISTENER = 19;

  /**
   * What the transaction settles, beside being one itself: the outcome of another transaction's
   * recipient, such as that of the mail which a delivery status notification tells of. The spool
   * takes the record for both.
   */
  public static final int SETTLES = 20;

  /** The sender was told that the message is late: no octets. */
  public static final int DELAY_TOLD = 21;

  /**
   * By what the transaction is known if it is sent again: 1 to 255 octets, with the client among
   * them that chose them. The spool takes one of a key and answers for others as for the first.
   */
  public static final int DEDUPE_KEY = 22;

  private Tag() {}
}
