package org.flywheelmta.bounce;

import java.nio.charset.StandardCharsets;
import java.util.Base64;
import org.flywheelmta.base.NonThreadSafe;
import org.flywheelmta.message.Content;
import org.flywheelmta.message.ContentBuilder;
import org.flywheelmta.message.MailDate;
import org.jspecify.annotations.Nullable;

/**
 * The content of a notification (RFC 6522): words for people, fields for programs, and what is
 * quoted. It is ASCII, whatever it tells of, so that any host takes it; only where the sender's own
 * address is beyond ASCII its header is too.
 */
@NonThreadSafe
final class Report {
  private static final int LINE_OCTETS = 76;
  private static final String CRLF = "\r\n";

  private final Told told;
  private final String boundary;
  private final boolean global;
  private boolean dotLines;

  Report(Told told) {
    this.told = told;
    // Its random bits are drawn after the mail was taken, so nothing that is quoted has it.
    this.boundary = "=_" + told.id();
    this.global = Status.isGlobal(told);
  }

  /**
   * Writes it.
   *
   * @param quoted null for nothing
   * @return null when there is no memory for it: the builder is to be discarded
   */
  @Nullable Content write(ContentBuilder into, @Nullable Quoted quoted) {
    var head = new StringBuilder();
    header(head);
    part(head, "text/plain", words());
    var status = Status.text(told, global);
    if (global) {
      encodedPart(head, "message/global-delivery-status", octets(status));
    } else {
      part(head, "message/delivery-status", status);
    }
    boolean good = quote(into, head, quoted);
    good = good && into.append(octets(CRLF + "--" + boundary + "--" + CRLF));
    boolean utf8Header = told.sender().needsUtf8();
    return good ? into.seal(new Content.Shape(dotLines, utf8Header, true, utf8Header)) : null;
  }

  private static byte[] octets(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  private void header(StringBuilder text) {
    text.append("From: Mail Delivery System <").append(told.policy().from()).append(">\r\n");
    text.append("To: <").append(told.sender()).append(">\r\n");
    text.append("Subject: ").append(subject()).append(CRLF);
    text.append("Date: ").append(MailDate.text(told.wallMicros())).append(CRLF);
    text.append("Message-ID: <").append(told.id()).append('@').append(told.hostname());
    text.append(">\r\nAuto-Submitted: auto-replied\r\nMIME-Version: 1.0\r\n");
    text.append("Content-Type: multipart/report; report-type=delivery-status;\r\n\tboundary=\"");
    text.append(boundary).append("\"\r\n");
  }

  private String subject() {
    return switch (told.action()) {
      case FAILED -> "Your mail could not be delivered";
      case DELAYED -> "Your mail is late";
      case RELAYED -> "Your mail was passed on";
    };
  }

  /** Begins a part: the line end before a boundary belongs to it. */
  private void begin(StringBuilder text, String type, String encoding) {
    text.append("\r\n--").append(boundary).append("\r\nContent-Type: ").append(type).append(CRLF);
    if (!encoding.isEmpty()) {
      text.append("Content-Transfer-Encoding: ").append(encoding).append(CRLF);
    }
    text.append(CRLF);
  }

  private void part(StringBuilder text, String type, String body) {
    boolean ascii = body.chars().allMatch(c -> c < 0x80);
    if (ascii) {
      begin(text, type, "");
      text.append(body);
    } else {
      encodedPart(text, type + "; charset=utf-8", octets(body));
    }
  }

  private void encodedPart(StringBuilder text, String type, byte[] body) {
    begin(text, type, "base64");
    text.append(Base64.getMimeEncoder(LINE_OCTETS, octets(CRLF)).encodeToString(body));
    text.append(CRLF);
  }

  /** The last part, and before it what was written so far. */
  private boolean quote(ContentBuilder into, StringBuilder head, @Nullable Quoted quoted) {
    if (quoted == null) {
      return append(into, head);
    }
    if (!quoted.isAscii()) {
      boolean known = told.utf8() && quoted.isUtf8();
      encodedPart(head, known ? "message/global-headers" : "text/rfc822-headers", quoted.octets());
      return append(into, head);
    }
    begin(head, quoted.whole ? "message/rfc822" : "text/rfc822-headers", "");
    return append(into, head)
        && appendQuoted(into, quoted)
        && (quoted.endsWithLine() || into.append(octets(CRLF)));
  }

  private boolean append(ContentBuilder into, StringBuilder text) {
    dotLines |= text.indexOf("\n.") >= 0;
    return into.append(octets(text.toString()));
  }

  private boolean appendQuoted(ContentBuilder into, Quoted quoted) {
    dotLines |= quoted.hasDotLines();
    return into.append(quoted.source, quoted.source.readerIndex(), quoted.length);
  }

  private String words() {
    var text = new StringBuilder();
    text.append("This is the mail system of ").append(told.hostname()).append(".\r\n\r\n");
    text.append("Your mail of ").append(MailDate.text(told.transaction().receivedMicros()));
    text.append(" to\r\n\r\n    <").append(told.recipient()).append(">\r\n\r\n");
    text.append(outcome()).append(CRLF);
    var said = Status.plain(Status.diagnostic(told), global);
    if (!said.isEmpty()) {
      var peer = told.notice().peer();
      boolean other = told.notice().reply().code() != 0 && !peer.isEmpty();
      text.append(CRLF).append(other ? "The other side, " + peer + ", said:" : "The reason:");
      text.append("\r\n\r\n    ").append(said).append(CRLF);
    }
    return text.toString();
  }

  private String outcome() {
    return switch (told.action()) {
      case FAILED ->
          told.expired()
              ? "could not be delivered in time, and will not be tried again."
              : "could not be delivered, and will not be tried again.";
      case DELAYED ->
          "could not be delivered yet. It will be tried until\r\n"
              + MailDate.text(told.notice().expiryMicros())
              + "; you need not send it again.";
      case RELAYED ->
          """
          was passed on to a system that does not tell of deliveries. If it is
          delivered, you will not hear of it."""
              .replace("\n", CRLF);
    };
  }
}
