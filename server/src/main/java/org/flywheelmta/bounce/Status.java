package org.flywheelmta.bounce;

import java.nio.charset.StandardCharsets;
import java.util.Locale;
import org.flywheelmta.domain.Bounces.Action;
import org.flywheelmta.message.MailDate;
import org.flywheelmta.message.Tag;
import org.flywheelmta.message.Xtext;
import org.flywheelmta.spool.StoredOutcome.Kind;

/**
 * The machine-readable part of a notification: fields of the message and of its one recipient (RFC
 * 3464), with addresses beyond ASCII as RFC 6533 has them.
 */
final class Status {
  private static final int MAX_CODE_DIGITS = 3;

  private Status() {}

  /**
   * The part's text, line ends and all.
   *
   * @param global whether characters beyond ASCII may stand for themselves
   */
  static String text(Told told, boolean global) {
    var text = new StringBuilder();
    field(text, "Reporting-MTA", "dns; " + told.hostname());
    var envid = Told.text(told.transaction().fields(), Tag.DSN_ENVID);
    if (envid != null) {
      field(text, "Original-Envelope-Id", Xtext.decode(envid));
    }
    field(text, "Arrival-Date", MailDate.text(told.transaction().receivedMicros()));
    text.append("\r\n");
    var orcpt = Told.text(told.fields(), Tag.DSN_ORCPT);
    if (orcpt != null) {
      field(text, "Original-Recipient", original(orcpt, global));
    }
    field(text, "Final-Recipient", address(told.recipient().toString(), global));
    field(text, "Action", told.action().name().toLowerCase(Locale.ROOT));
    field(text, "Status", code(told));
    var reply = told.notice().reply();
    if (!told.notice().peer().isEmpty() && reply.code() != 0) {
      field(text, "Remote-MTA", "dns; " + host(told.notice().peer()));
    }
    if (reply.code() != 0 || !reply.text().isEmpty()) {
      var type = reply.code() == 0 ? "x-flywheel" : "smtp";
      field(text, "Diagnostic-Code", type + "; " + plain(diagnostic(told), global));
    }
    boolean attempted = told.outcome().kind() != Kind.EXPIRED && told.outcome().attempts() > 0;
    if (attempted) {
      field(text, "Last-Attempt-Date", MailDate.text(told.outcome().wallMicros()));
    }
    if (told.notice().action() == Action.DELAYED) {
      field(text, "Will-Retry-Until", MailDate.text(told.notice().expiryMicros()));
    }
    return text.toString();
  }

  private static void field(StringBuilder text, String name, String value) {
    text.append(name).append(": ").append(value).append("\r\n");
  }

  /** True when an address in it is beyond ASCII and its sender understands that. */
  static boolean isGlobal(Told told) {
    var orcpt = told.fields().value(Tag.DSN_ORCPT);
    boolean beyond = told.recipient().needsUtf8() || (orcpt != null && !isAscii(orcpt));
    return told.utf8() && beyond;
  }

  private static boolean isAscii(byte[] octets) {
    for (byte octet : octets) {
      if (octet < 0) {
        return false;
      }
    }
    return true;
  }

  private static String address(String address, boolean global) {
    boolean ascii = isAscii(address.getBytes(StandardCharsets.UTF_8));
    if (ascii) {
      return "rfc822; " + address;
    }
    return "utf-8; " + (global ? address : Xtext.encodeUtf8Address(address));
  }

  /** As the sender gave it, its encoding taken off (RFC 3461 section 6.3, RFC 6533 section 3). */
  private static String original(String orcpt, boolean global) {
    int semicolon = orcpt.indexOf(';');
    var type = orcpt.substring(0, semicolon);
    var address = orcpt.substring(semicolon + 1);
    if (!type.equalsIgnoreCase("utf-8")) {
      return type + "; " + Xtext.decode(address);
    }
    return type + "; " + (global ? address : Xtext.escapeUtf8Address(address));
  }

  /** Address literals as RFC 5321 section 4.1.3 has them. */
  private static String host(String peer) {
    int colon = peer.lastIndexOf(':');
    var host = colon < 0 ? peer : peer.substring(0, colon);
    if (host.startsWith("[")) {
      return "[IPv6:" + host.substring(1);
    }
    return "[" + host + "]";
  }

  /**
   * The status code (RFC 3463): what the reply says, where its class fits what happened. A mail
   * that expired after failed attempts ended by the persistence of what is transient (X.4.7 of
   * class 4); one that was never attempted ended for good.
   */
  static String code(Told told) {
    if (told.expired()) {
      return told.outcome().attempts() > 0 ? "4.4.7" : "5.4.7";
    }
    char expected =
        switch (told.action()) {
          case FAILED -> '5';
          case DELAYED -> '4';
          case RELAYED -> '2';
        };
    var enhanced = told.notice().reply().enhanced();
    return isCode(enhanced) && enhanced.charAt(0) == expected ? enhanced : expected + ".0.0";
  }

  private static boolean isCode(String text) {
    int part = 0;
    int digits = 0;
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c == '.' && digits > 0) {
        part++;
        digits = 0;
      } else if (c < '0' || c > '9' || ++digits > MAX_CODE_DIGITS) {
        return false;
      }
    }
    return part == 2 && digits > 0;
  }

  /** The reply in one line, with its codes. */
  static String diagnostic(Told told) {
    var reply = told.notice().reply();
    var text = new StringBuilder();
    if (reply.code() != 0) {
      text.append(reply.code()).append(' ');
      if (!reply.enhanced().isEmpty()) {
        text.append(reply.enhanced()).append(' ');
      }
    }
    return text.append(reply.text()).toString().strip();
  }

  /** Text that another side chose, in one line of a header: nothing in it ends the line. */
  static String plain(String text, boolean global) {
    var plain = new StringBuilder(text.length());
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      boolean control = Character.isISOControl(c) || c == '\u2028' || c == '\u2029';
      plain.append(control ? ' ' : c > '~' && !global ? '?' : c);
    }
    return plain.toString();
  }
}
