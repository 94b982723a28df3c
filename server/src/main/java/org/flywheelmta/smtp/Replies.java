package org.flywheelmta.smtp;

/** The replies of a session, each with the codes of RFC 5321 section 4.2 and RFC 3463. */
final class Replies {
  static final Reply OK = new Reply(250, "2.0.0", "OK");
  static final Reply SENDER_OK = new Reply(250, "2.1.0", "Sender OK");
  static final Reply RECIPIENT_OK = new Reply(250, "2.1.5", "Recipient OK");
  static final Reply AUTHENTICATED = new Reply(235, "2.7.0", "Authentication succeeded");
  static final Reply SEND_DATA = new Reply(354, "", "End data with <CR><LF>.<CR><LF>");
  static final Reply BEGIN_TLS = new Reply(220, "2.0.0", "Ready to start TLS");
  static final Reply CANNOT_VERIFY =
      new Reply(252, "2.5.0", "Cannot verify, but will take mail and try to deliver it");
  static final Reply HELP =
      new Reply(214, "2.0.0", "EHLO HELO STARTTLS AUTH MAIL RCPT DATA RSET NOOP QUIT VRFY HELP");

  static final Reply UNKNOWN_COMMAND = new Reply(500, "5.5.1", "Unknown command");
  static final Reply NOT_OFFERED = new Reply(502, "5.5.1", "Command not offered here");
  static final Reply LINE_TOO_LONG = new Reply(500, "5.5.2", "Line too long");
  static final Reply BAD_LINE =
      new Reply(500, "5.5.2", "Lines end with CR LF and hold no other control characters");
  static final Reply NO_ARGUMENT = new Reply(501, "5.5.4", "This command takes no argument");
  static final Reply NO_VERIFY_ARGUMENT = new Reply(501, "5.5.4", "Syntax: VRFY address");
  static final Reply BAD_HELLO = new Reply(501, "5.5.4", "A domain or address literal is needed");
  static final Reply BAD_MAIL_SYNTAX =
      new Reply(501, "5.5.4", "Syntax: MAIL FROM:<address> [parameters]");
  static final Reply BAD_RCPT_SYNTAX =
      new Reply(501, "5.5.4", "Syntax: RCPT TO:<address> [parameters]");
  static final Reply BAD_SENDER = new Reply(501, "5.1.7", "Bad sender address syntax");
  static final Reply BAD_RECIPIENT = new Reply(501, "5.1.3", "Bad recipient address syntax");
  static final Reply BAD_SENDER_DOMAIN =
      new Reply(501, "5.1.8", "The sender's domain has a label that IDNA does not allow");
  static final Reply BAD_RECIPIENT_DOMAIN =
      new Reply(501, "5.1.2", "The recipient's domain has a label that IDNA does not allow");
  static final Reply SENDER_NEEDS_UTF8 =
      new Reply(550, "5.6.7", "A non-ASCII sender needs the parameter SMTPUTF8");
  static final Reply RECIPIENT_NEEDS_UTF8 =
      new Reply(553, "5.6.7", "A non-ASCII recipient needs the parameter SMTPUTF8 of MAIL");
  static final Reply BAD_PARAMETER = new Reply(501, "5.5.4", "Bad parameter value");
  static final Reply UNKNOWN_PARAMETER = new Reply(555, "5.5.4", "Parameter not recognized");
  static final Reply HELLO_FIRST = new Reply(503, "5.5.1", "Say EHLO or HELO first");
  static final Reply MAIL_FIRST = new Reply(503, "5.5.1", "MAIL comes first");
  static final Reply MAIL_ALREADY = new Reply(503, "5.5.1", "Sender already given");
  static final Reply RCPT_FIRST = new Reply(554, "5.5.1", "No valid recipients");
  static final Reply BAD_AUTH_SYNTAX =
      new Reply(501, "5.5.4", "Syntax: AUTH mechanism [initial-response]");
  static final Reply BAD_BASE64 = new Reply(501, "5.5.2", "This is no base64");
  static final Reply BAD_AUTH_MESSAGE =
      new Reply(501, "5.5.2", "This is no message of the mechanism");
  static final Reply AUTH_CANCELLED = new Reply(501, "5.7.0", "Authentication cancelled");
  static final Reply UNKNOWN_MECHANISM = new Reply(504, "5.5.4", "Mechanism not offered here");
  static final Reply BAD_CREDENTIALS =
      new Reply(535, "5.7.8", "Authentication credentials invalid");
  static final Reply AUTH_UNAVAILABLE =
      new Reply(454, "4.7.0", "Cannot authenticate now, try again later");
  static final Reply AUTH_ALREADY = new Reply(503, "5.5.1", "Authenticated already");
  static final Reply AUTH_IN_MAIL = new Reply(503, "5.5.1", "Not within a mail transaction");
  static final Reply AUTH_FIRST = new Reply(530, "5.7.0", "Authentication required");
  static final Reply TLS_FIRST = new Reply(530, "5.7.0", "Must issue a STARTTLS command first");
  static final Reply TLS_ALREADY = new Reply(503, "5.5.1", "TLS has begun already");
  static final Reply TLS_BUSY = new Reply(454, "4.7.0", "TLS not available now, try again later");
  static final Reply TLS_INJECTION =
      new Reply(554, "5.7.0", "Nothing may follow STARTTLS before its reply, closing");
  static final Reply RELAY_DENIED = new Reply(550, "5.7.1", "Relaying denied");
  static final Reply TOO_MANY_RECIPIENTS = new Reply(452, "4.5.3", "Too many recipients");
  static final Reply TOO_LARGE = new Reply(552, "5.3.4", "Message too large");
  static final Reply LONE_BREAK = new Reply(554, "5.6.0", "A CR or LF stands alone in the message");
  static final Reply TOO_MANY_HOPS =
      new Reply(554, "5.4.6", "Too many Received headers: a mail loop");

  static final Reply NO_ROOM = new Reply(452, "4.3.1", "No room now, try again later");
  static final Reply SPOOL_FAILED = new Reply(451, "4.3.0", "Cannot store mail, try again later");
  static final Reply POLICY_FAILED = new Reply(451, "4.3.0", "Cannot decide now, try again later");
  static final Reply STOPPING = new Reply(421, "4.3.2", "Service is stopping");
  static final Reply BUG = new Reply(421, "4.3.0", "Internal error, closing");
  static final Reply TIMEOUT = new Reply(421, "4.4.2", "Timeout, closing");
  static final Reply TOO_MANY_ERRORS = new Reply(421, "4.7.0", "Too many errors, closing");
  static final Reply TOO_MANY_COMMANDS =
      new Reply(421, "4.7.0", "Too many commands without a mail, closing");
  static final Reply TOO_MANY_MAILS = new Reply(421, "4.7.0", "Too many mails, closing");
  static final Reply TOO_MANY_SESSIONS =
      new Reply(421, "4.4.5", "Too many connections, try again later");

  private Replies() {}
}
