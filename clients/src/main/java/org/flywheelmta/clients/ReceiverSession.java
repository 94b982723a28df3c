package org.flywheelmta.clients;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** One connection to a {@link Receiver}. For its own thread, apart from closing. */
final class ReceiverSession implements Runnable, Performer.Stage {
  private static final int RECIPIENTS_MAX = 1_000;
  private static final int LINE_END_BYTES = 2;

  private final Receiver receiver;
  private final Wire wire;
  private final Performer performer;
  private final List<String> recipients = new ArrayList<>();
  private String sender = "";
  private boolean inMail;

  ReceiverSession(Receiver receiver, Wire wire) {
    this.receiver = receiver;
    this.wire = wire;
    this.performer = new Performer(wire, this);
  }

  @Override
  public void run() {
    try {
      act(Moment.CONNECT, List.of(), 220, "sink ESMTP");
      while (wire.next()) {
        command(wire.text());
      }
      wire.flush();
    } catch (SessionOver | IOException gone) {
      // By the script, or the peer went away, which is its right at any moment.
    } catch (InterruptedException stopped) {
      Thread.currentThread().interrupt();
    } finally {
      close();
      receiver.ended(this);
    }
  }

  /** Tells the peer that it is one too many; never runs. */
  void refuse() {
    try {
      wire.write("421 4.4.5 too many connections");
      wire.flush();
    } catch (IOException gone) {
      // It need not be told.
    }
    close();
    receiver.ended(this);
  }

  void close() {
    try {
      wire.close();
    } catch (IOException nothingLeft) {
      // Nothing is left to do for this connection.
    }
  }

  @Override
  public void pause(long nanos) throws InterruptedException {
    receiver.pause(nanos);
  }

  /** It listens until the peer goes. */
  @Override
  public void keepSilence(Wire silent) throws IOException {
    while (silent.next()) {
      // And says nothing.
    }
  }

  @Override
  public void did(Moment moment, String what) {
    receiver.counts().did(moment, what);
  }

  private void command(String line) throws IOException, InterruptedException, SessionOver {
    switch (line.split(" ", 2)[0].toUpperCase(Locale.ROOT)) {
      case "EHLO" -> {
        forget();
        act(
            Moment.EHLO,
            List.of(),
            250,
            "sink",
            "PIPELINING",
            "8BITMIME",
            "SMTPUTF8",
            "ENHANCEDSTATUSCODES",
            "SIZE 0");
      }
      case "HELO" -> {
        forget();
        act(Moment.EHLO, List.of(), 250, "sink");
      }
      case "MAIL" -> mail(line);
      case "RCPT" -> recipient(line);
      case "DATA" -> data();
      case "RSET" -> {
        forget();
        act(Moment.RSET, List.of(), 250, "2.0.0 forgotten");
      }
      case "NOOP" -> act(Moment.NOOP, List.of(), 250, "2.0.0 nothing done");
      case "QUIT" -> {
        act(Moment.QUIT, List.of(), 221, "2.0.0 bye");
        wire.flush();
        throw new SessionOver();
      }
      default -> wire.write("500 5.5.2 not known here");
    }
  }

  private void mail(String line) throws IOException, InterruptedException, SessionOver {
    if (inMail) {
      wire.write("503 5.5.1 a mail is under way");
      return;
    }
    sender = path(line);
    inMail = act(Moment.MAIL, List.of(), 250, "2.1.0 go on") < 300;
  }

  private void recipient(String line) throws IOException, InterruptedException, SessionOver {
    if (!inMail) {
      wire.write("503 5.5.1 MAIL comes first");
    } else if (recipients.size() == RECIPIENTS_MAX) {
      wire.write("452 4.5.3 too many recipients");
    } else {
      var address = path(line);
      if (act(Moment.RCPT, List.of(address), 250, "2.1.5 go on") < 300) {
        recipients.add(address);
      }
    }
  }

  private void data() throws IOException, InterruptedException, SessionOver {
    if (recipients.isEmpty()) {
      wire.write("503 5.5.1 no recipient");
      return;
    }
    if (act(Moment.DATA, recipients, 354, "end with a dot") != 354) {
      return;
    }
    var writing = begin();
    boolean kept = false;
    try {
      long bytes = content(writing);
      kept = end(writing, bytes);
    } finally {
      if (writing != null && !kept) {
        writing.drop();
      }
      forget();
    }
  }

  /** A mail that is written; null when the disk does not let it. */
  private MailStore.@Nullable Writing begin() {
    try {
      return receiver.store().begin(sender, List.copyOf(recipients));
    } catch (IOException failure) {
      return null;
    }
  }

  /** Reads to the final dot; how many octets there were, or -1 when the disk did not take them. */
  private long content(MailStore.@Nullable Writing writing)
      throws IOException, InterruptedException, SessionOver {
    long bytes = 0;
    boolean written = writing != null;
    for (boolean first = true; ; first = false) {
      if (!wire.next()) {
        throw new SessionOver();
      }
      int offset = wire.offset();
      int length = wire.length();
      if (length > 0 && wire.bytes()[offset] == '.') {
        if (length == 1) {
          return written ? bytes : -1;
        }
        offset++;
        length--;
      }
      bytes += length + LINE_END_BYTES;
      if (writing != null && written) {
        try {
          writing.line(wire.bytes(), offset, length);
        } catch (IOException failure) {
          written = false;
        }
      }
      if (first) {
        act(Moment.BODY, recipients, 0);
      }
    }
  }

  /** Answers the final dot; true when the mail was kept. */
  private boolean end(MailStore.@Nullable Writing writing, long bytes)
      throws IOException, InterruptedException, SessionOver {
    var decision = receiver.script().decide(Moment.END, sender, recipients);
    performer.pause(decision);
    boolean takes =
        switch (decision.action()) {
          case Action.Ordinary() -> true;
          case Action.Answer(int code, _) -> code < 300;
          case Action.Say _, Action.Close _, Action.Reset _, Action.Silence _ -> false;
        };
    boolean kept = takes && keep(writing, bytes);
    if (takes && !kept) {
      wire.write("451 4.3.0 cannot keep it");
      return false;
    }
    performer.perform(Moment.END, decision.action(), 250, "2.0.0 taken");
    if (kept) {
      // Who counts may close at once, so the answer goes first.
      wire.flush();
      receiver.counts().took(recipients.size(), bytes);
    }
    return kept;
  }

  private static boolean keep(MailStore.@Nullable Writing writing, long bytes) {
    if (writing == null || bytes < 0) {
      return false;
    }
    try {
      writing.keep();
      return true;
    } catch (IOException failure) {
      return false;
    }
  }

  /**
   * Does what the script says, or else gives the ordinary reply.
   *
   * @param code of the ordinary reply; 0 where there is none
   * @return the code that was given; 0 for none, {@link Performer#SAID} for octets
   */
  private int act(Moment moment, List<String> whom, int code, String... lines)
      throws IOException, InterruptedException, SessionOver {
    var decision = receiver.script().decide(moment, sender, whom);
    performer.pause(decision);
    return performer.perform(moment, decision.action(), code, lines);
  }

  private void forget() {
    inMail = false;
    sender = "";
    recipients.clear();
  }

  /** What stands between the first pair of angle brackets. */
  private static String path(String line) {
    int from = line.indexOf('<');
    int to = line.indexOf('>', from + 1);
    var octets = from < 0 || to < 0 ? "" : line.substring(from + 1, to);
    return new String(octets.getBytes(StandardCharsets.ISO_8859_1), StandardCharsets.UTF_8);
  }
}
