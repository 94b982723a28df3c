package org.flywheelmta.torture;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/**
 * One mail over one connection. An exception of the wire is an outcome. For one thread.
 *
 * <p>Where the final dot is sent apart, a connection that breaks before it leaves no doubt that the
 * mail may never arrive; where it goes with the end of the content, as most clients send it, a
 * break anywhere in a small mail leaves the doubt and costs no packet.
 */
final class Offer {
  /** RFC 5321, section 4.2.3: the server is about to close. */
  static final int CLOSING = 421;

  private final Wire wire;
  private final Mail mail;
  private final boolean pipelining;
  private final boolean dotApart;
  private final List<String> taken = new ArrayList<>();
  private boolean dotBegun;

  Offer(Wire wire, Mail mail, boolean pipelining, boolean dotApart) {
    this.wire = wire;
    this.mail = mail;
    this.pipelining = pipelining;
    this.dotApart = dotApart;
  }

  Outcome send() {
    try {
      return pipelining ? together() : oneByOne();
    } catch (IOException e) {
      return dotBegun ? new Outcome.Unknown(List.copyOf(taken)) : new Outcome.Unsent();
    }
  }

  private Outcome oneByOne() throws IOException {
    var reply = ask(from());
    if (!reply.positive()) {
      return Outcome.Refused.by(reply);
    }
    for (String recipient : mail.recipients()) {
      reply = ask(to(recipient));
      if (reply.positive()) {
        taken.add(recipient);
      }
    }
    if (taken.isEmpty()) {
      return refused(reply);
    }
    reply = ask("DATA");
    return reply.code() == 354 ? content() : refused(reply);
  }

  private Outcome together() throws IOException {
    wire.write(from());
    for (String recipient : mail.recipients()) {
      wire.write(to(recipient));
    }
    wire.write("DATA");
    var fromReply = Reply.read(wire);
    var last = fromReply;
    for (String recipient : mail.recipients()) {
      last = Reply.read(wire);
      if (last.positive()) {
        taken.add(recipient);
      }
    }
    var data = Reply.read(wire);
    if (data.code() != 354) {
      return refused(fromReply.positive() ? (taken.isEmpty() ? last : data) : fromReply);
    }
    if (taken.isEmpty()) {
      // RFC 2920, section 3.1: a server may say 354 all the same; it must then refuse the end.
      ask(".");
      return Outcome.Refused.by(last);
    }
    return content();
  }

  private Outcome content() throws IOException {
    wire.write(mail.head());
    wire.write(mail.body().stuffed());
    if (dotApart) {
      wire.flush();
    }
    dotBegun = true;
    var reply = ask(".");
    return reply.positive()
        ? new Outcome.Acknowledged(List.copyOf(taken))
        : Outcome.Refused.by(reply);
  }

  private Outcome refused(Reply reply) throws IOException {
    if (reply.code() != CLOSING) {
      ask("RSET");
    }
    return Outcome.Refused.by(reply);
  }

  private String from() {
    return "MAIL FROM:<" + mail.sender() + '>' + (mail.eightBit() ? " BODY=8BITMIME" : "");
  }

  private static String to(String recipient) {
    return "RCPT TO:<" + recipient + '>';
  }

  private Reply ask(String command) throws IOException {
    wire.write(command);
    wire.flush();
    return Reply.read(wire);
  }
}
