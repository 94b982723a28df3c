package org.flywheelmta.clients;

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
public final class Offer {
  /** RFC 5321, section 4.2.3: the server is about to close. */
  public static final int CLOSING = 421;

  /** Where in a transaction a reply came. */
  public enum Stage {
    MAIL,
    RCPT,
    DATA,
    END
  }

  /** Hears of replies, on the thread that sends. */
  public interface Replies {
    /** Each that says no; of those to the end of the mail, any. */
    void on(Stage stage, Reply reply);

    /** The write that carries the last octets of the mail comes next. */
    default void ending() {}
  }

  private final Wire wire;
  private final Letter letter;
  private final boolean pipelining;
  private final boolean dotApart;
  private final Replies replies;
  private final List<String> taken = new ArrayList<>();
  private boolean dotBegun;

  /**
   * Prepares it; nobody hears of single replies.
   *
   * @param dotApart whether the final dot is sent by itself
   */
  public Offer(Wire wire, Letter letter, boolean pipelining, boolean dotApart) {
    this(wire, letter, pipelining, dotApart, (stage, reply) -> {});
  }

  /**
   * Prepares it.
   *
   * @param dotApart whether the final dot is sent by itself
   * @param replies hears of each reply that says no, and of the one to the end that says yes
   */
  public Offer(Wire wire, Letter letter, boolean pipelining, boolean dotApart, Replies replies) {
    this.wire = wire;
    this.letter = letter;
    this.pipelining = pipelining;
    this.dotApart = dotApart;
    this.replies = replies;
  }

  /** Sends it; what became of it. */
  public Outcome send() {
    try {
      return pipelining ? together() : oneByOne();
    } catch (IOException e) {
      return dotBegun ? new Outcome.Unknown(List.copyOf(taken)) : new Outcome.Unsent();
    }
  }

  private Outcome oneByOne() throws IOException {
    var reply = ask(from());
    if (!reply.positive()) {
      replies.on(Stage.MAIL, reply);
      return Outcome.Refused.by(reply);
    }
    for (String recipient : letter.recipients()) {
      reply = ask(to(recipient));
      take(recipient, reply);
    }
    if (taken.isEmpty()) {
      return refused(reply);
    }
    reply = ask("DATA");
    if (reply.code() != 354) {
      replies.on(Stage.DATA, reply);
      return refused(reply);
    }
    return content();
  }

  private Outcome together() throws IOException {
    wire.write(from());
    for (String recipient : letter.recipients()) {
      wire.write(to(recipient));
    }
    wire.write("DATA");
    var fromReply = Reply.read(wire);
    if (!fromReply.positive()) {
      replies.on(Stage.MAIL, fromReply);
    }
    var last = fromReply;
    for (String recipient : letter.recipients()) {
      last = Reply.read(wire);
      if (fromReply.positive()) {
        take(recipient, last);
      }
    }
    var data = Reply.read(wire);
    if (data.code() != 354) {
      if (!taken.isEmpty()) {
        replies.on(Stage.DATA, data);
      }
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
    for (var part : letter.stuffed()) {
      wire.write(part);
    }
    if (dotApart) {
      wire.flush();
    }
    dotBegun = true;
    wire.write(".");
    replies.ending();
    wire.flush();
    var reply = Reply.read(wire);
    replies.on(Stage.END, reply);
    return reply.positive()
        ? new Outcome.Acknowledged(List.copyOf(taken))
        : Outcome.Refused.by(reply);
  }

  private void take(String recipient, Reply reply) {
    if (reply.positive()) {
      taken.add(recipient);
    } else {
      replies.on(Stage.RCPT, reply);
    }
  }

  private Outcome refused(Reply reply) throws IOException {
    if (reply.code() != CLOSING) {
      ask("RSET");
    }
    return Outcome.Refused.by(reply);
  }

  private String from() {
    return "MAIL FROM:<" + letter.sender() + '>' + letter.parameters();
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
