package org.flywheelmta.torture;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** One connection to the {@link Sink}. For its own thread, apart from closing. */
final class SinkSession implements Runnable {
  private static final int RECIPIENTS_MAX = 1_000;

  private final Sink sink;
  private final Wire wire;
  private final long number;
  private final long openedMicros;
  private final List<String> recipients = new ArrayList<>();
  private String sender = "";
  private boolean inMail;
  private int transactions;

  SinkSession(Sink sink, Wire wire, long number, long openedMicros) {
    this.sink = sink;
    this.wire = wire;
    this.number = number;
    this.openedMicros = openedMicros;
  }

  /** The sink's own disk failed, which must not be taken for a lost connection. */
  private static final class RecordFailed extends UncheckedIOException {
    private static final long serialVersionUID = 1L;

    RecordFailed(IOException cause) {
      super(cause);
    }
  }

  @Override
  public void run() {
    try {
      wire.write("220 sink.torture.test ESMTP");
      while (wire.next() && command(wire.text())) {
        // Each turn is one command.
      }
      wire.flush();
    } catch (IOException e) {
      // The peer went away, which is its right at any moment.
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } finally {
      close();
      sink.ended(this);
    }
  }

  /** Closes the connection, which ends the session's thread. */
  void close() {
    try {
      wire.close();
    } catch (IOException e) {
      // Nothing is left to do for this connection.
    }
  }

  /** Answers one command; false where the connection is to be closed. */
  private boolean command(String line) throws IOException, InterruptedException {
    String verb = line.split(" ", 2)[0].toUpperCase(Locale.ROOT);
    switch (verb) {
      case "EHLO" -> hello();
      case "HELO" -> wire.write("250 sink.torture.test");
      case "MAIL" -> mail(line);
      case "RCPT" -> recipient(line);
      case "DATA" -> {
        return data();
      }
      case "RSET" -> {
        forget();
        wire.write("250 2.0.0 forgotten");
      }
      case "NOOP" -> wire.write("250 2.0.0 nothing done");
      case "QUIT" -> {
        wire.write("221 2.0.0 bye");
        return false;
      }
      default -> wire.write("500 5.5.2 not known here");
    }
    return true;
  }

  private void hello() throws IOException {
    forget();
    wire.write("250-sink.torture.test");
    wire.write("250-PIPELINING");
    wire.write("250-8BITMIME");
    wire.write("250-ENHANCEDSTATUSCODES");
    wire.write("250 SIZE 0");
  }

  private void mail(String line) throws IOException {
    if (inMail) {
      wire.write("503 5.5.1 a mail is under way");
      return;
    }
    inMail = true;
    sender = path(line);
    wire.write("250 2.1.0 go on");
  }

  private void recipient(String line) throws IOException {
    String address = path(line);
    if (!inMail) {
      wire.write("503 5.5.1 MAIL comes first");
    } else if (recipients.size() == RECIPIENTS_MAX) {
      wire.write("452 4.5.3 too many recipients");
    } else if (Address.isRefused(address)) {
      recorded(() -> sink.record().refused(550, address));
      wire.write("550 5.1.1 no such recipient, as marked");
    } else if (sink.misbehaviour().defersRecipient(address, sink.time(address))) {
      wire.write("450 4.2.1 not this time");
    } else {
      recipients.add(address);
      wire.write("250 2.1.5 go on");
    }
  }

  private boolean data() throws IOException, InterruptedException {
    if (recipients.isEmpty()) {
      wire.write("503 5.5.1 no recipient");
      return true;
    }
    wire.write("354 end with a dot");
    var intake = new Fingerprint.Intake();
    var misbehaviour = sink.misbehaviour();
    int time = 0;
    while (true) {
      if (!wire.next()) {
        return false;
      }
      byte[] bytes = wire.bytes();
      int offset = wire.offset();
      int length = wire.length();
      if (length > 0 && bytes[offset] == '.') {
        if (length == 1) {
          break;
        }
        offset++;
        length--;
      }
      intake.line(bytes, offset, length);
      if (time == 0 && intake.inBody()) {
        time = sink.time(intake.id());
        if (misbehaviour.resets(intake.id(), time)) {
          wire.reset();
          return false;
        }
      }
    }
    return answer(intake.id(), time, intake.finish());
  }

  private boolean answer(String id, int time, Fingerprint print)
      throws IOException, InterruptedException {
    long received = MicroClock.micros();
    String key = number + "." + ++transactions;
    var misbehaviour = sink.misbehaviour();
    boolean closes = misbehaviour.closes(id, time);
    boolean defers = !closes && misbehaviour.defersMail(id, time);
    recorded(() -> sink.record().took(key, openedMicros, received, id, print, sender, recipients));
    if (!closes && misbehaviour.stalls(id, time)) {
      sink.stall();
    }
    int code = closes ? 0 : defers ? 451 : 250;
    try {
      if (!closes) {
        wire.write(defers ? "451 4.3.0 not this time" : "250 2.0.0 taken as " + key);
        wire.flush();
      }
    } finally {
      recorded(() -> sink.record().said(key, code));
    }
    if (code == 250) {
      sink.delivered();
    }
    forget();
    return !closes;
  }

  private void forget() {
    inMail = false;
    recipients.clear();
  }

  /** What stands between the first pair of angle brackets, made fit for a line of words. */
  private static String path(String line) {
    int from = line.indexOf('<');
    int to = line.indexOf('>', from + 1);
    if (from < 0 || to < 0) {
      return "unreadable";
    }
    var path = new StringBuilder();
    for (char c : line.substring(from + 1, to).toCharArray()) {
      path.append(c > ' ' && c < 127 && c != ',' ? c : '_');
    }
    return path.toString();
  }

  private interface Writing {
    void write() throws IOException;
  }

  private static void recorded(Writing writing) {
    try {
      writing.write();
    } catch (IOException e) {
      throw new RecordFailed(e);
    }
  }
}
