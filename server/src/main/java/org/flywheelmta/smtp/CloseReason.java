package org.flywheelmta.smtp;

import org.flywheelmta.net.TlsFailure;
import org.jspecify.annotations.Nullable;

/** Why a connection has ended, as events say it. */
final class CloseReason {
  private static final String ERROR_NUMBER = "failed with error(";

  private CloseReason() {}

  /**
   * In the system's words, without the call that they answer and the address of the call.
   *
   * @param cause null where the other side has closed it
   */
  static String of(@Nullable Throwable cause) {
    if (cause == null) {
      return "the other side closed the connection";
    }
    var text = cause.getMessage();
    if (text == null) {
      return cause.getClass().getSimpleName();
    }
    if (cause instanceof TlsFailure) {
      return ReplyText.printable("TLS failed: " + text);
    }
    int number = text.indexOf(ERROR_NUMBER);
    int words = number < 0 ? -1 : text.indexOf("): ", number);
    if (words < 0) {
      return ReplyText.printable(text);
    }
    var plain = text.substring(words + "): ".length());
    int address = plain.indexOf(": /");
    return ReplyText.printable(address < 0 ? plain : plain.substring(0, address));
  }
}
