package org.flywheelmta.smtp;

import java.nio.charset.StandardCharsets;
import org.flywheelmta.message.Fields;
import org.flywheelmta.message.Notify;
import org.flywheelmta.message.Tag;
import org.flywheelmta.message.Xtext;
import org.jspecify.annotations.Nullable;

/**
 * The parameters RET and ENVID of MAIL, NOTIFY and ORCPT of RCPT (RFC 3461 section 4), checked to
 * the letter and kept as they were written. Each may be given once.
 */
final class DsnParameters {
  /** RFC 3461 section 5.4 of an ENVID, and section 4.2 of an ORCPT. */
  static final int MAX_ENVID = 100;

  static final int MAX_ORCPT = 500;

  private static final String ATOM_SPECIALS = "()<>@,;:\\\".[]";

  private DsnParameters() {}

  /** The fields with RET; null where the value is none. */
  static @Nullable Fields ret(Fields fields, String value) {
    boolean good = value.equalsIgnoreCase("FULL") || value.equalsIgnoreCase("HDRS");
    return good ? once(fields, Tag.DSN_RET, value) : null;
  }

  /** The fields with ENVID; null where the value is none. */
  static @Nullable Fields envid(Fields fields, String value) {
    boolean good = !value.isEmpty() && value.length() <= MAX_ENVID && Xtext.isPrintable(value);
    return good ? once(fields, Tag.DSN_ENVID, value) : null;
  }

  /** The fields with NOTIFY; null where the value is none. */
  static @Nullable Fields notify(Fields fields, String value) {
    return Notify.read(value) == null ? null : once(fields, Tag.DSN_NOTIFY, value);
  }

  /**
   * The fields with ORCPT; null where the value is none.
   *
   * @param utf8 whether MAIL asked for SMTPUTF8, so that characters may stand for themselves in an
   *     address of type utf-8 (RFC 6533 section 3)
   */
  static @Nullable Fields orcpt(Fields fields, String value, boolean utf8) {
    int semicolon = value.indexOf(';');
    if (semicolon < 1 || value.length() > MAX_ORCPT || !isAtom(value, semicolon)) {
      return null;
    }
    var address = value.substring(semicolon + 1);
    boolean good =
        value.substring(0, semicolon).equalsIgnoreCase("utf-8")
            ? Xtext.isUtf8Address(address, utf8)
            : Xtext.isPrintable(address);
    return good ? once(fields, Tag.DSN_ORCPT, value) : null;
  }

  private static boolean isAtom(String text, int end) {
    for (int i = 0; i < end; i++) {
      char octet = text.charAt(i);
      if (octet <= ' ' || octet >= 0x7f || ATOM_SPECIALS.indexOf(octet) >= 0) {
        return false;
      }
    }
    return true;
  }

  private static @Nullable Fields once(Fields fields, int tag, String value) {
    return fields.has(tag) ? null : fields.with(tag, value.getBytes(StandardCharsets.ISO_8859_1));
  }
}
