package org.flywheelmta.torture;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.CountDownLatch;
import org.flywheelmta.clients.Action;
import org.flywheelmta.clients.Decision;
import org.flywheelmta.clients.Moment;
import org.flywheelmta.clients.Performer;
import org.flywheelmta.clients.SessionOver;
import org.flywheelmta.clients.Wire;
import org.jspecify.annotations.Nullable;

/** One connection to the {@link Sink}. For its own thread, apart from closing. */
final class SinkSession implements Runnable, Performer.Stage {
  private static final int RECIPIENTS_MAX = 1_000;

  /** A slow body is read in pieces of about this size. */
  private static final int SLOW_PIECE_BYTES = 2_048;

  private static final long SECOND_NANOS = 1_000_000_000L;

  private final Sink sink;
  private final Wire wire;
  private final Performer performer;
  private final long number;
  private final long openedMicros;
  private final List<String> recipients = new ArrayList<>();
  private final CountDownLatch ended = new CountDownLatch(1);
  private String sender = "";
  private boolean inMail;
  private int transactions;

  SinkSession(Sink sink, Wire wire, long number, long openedMicros) {
    this.sink = sink;
    this.wire = wire;
    this.number = number;
    this.openedMicros = openedMicros;
    this.performer = new Performer(wire, this);
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
      if (!greet()) {
        return;
      }
      while (wire.next() && command(wire.text())) {
        // Each turn is one command.
      }
      wire.flush();
    } catch (SessionOver | IOException e) {
      // By the script, or the peer went away, which is its right at any moment.
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } finally {
      end();
    }
  }

  /** False where the connection is to be closed. */
  private boolean greet() throws IOException, InterruptedException, SessionOver {
    var decision = decide(Moment.CONNECT, List.of());
    if (decision.isOrdinary() && sink.misbehaviour().isBusy(number)) {
      wire.write("421 4.3.2 busy, come again");
      wire.flush();
      return false;
    }
    performer.perform(Moment.CONNECT, decision.action(), 220, "sink.torture.test ESMTP");
    return true;
  }

  /** What the script says, its wait being over. */
  private Decision decide(Moment moment, List<String> whom)
      throws IOException, InterruptedException {
    var decision = asked(moment, whom);
    performer.pause(decision);
    return decision;
  }

  private Decision asked(Moment moment, List<String> whom) {
    try {
      return sink.script().decide(moment, sender, whom);
    } catch (IOException e) {
      throw new RecordFailed(e);
    }
  }

  /** Does what the script says, or gives the ordinary reply; the code that was given. */
  private int act(Moment moment, List<String> whom, int code, String... lines)
      throws IOException, InterruptedException, SessionOver {
    return performer.perform(moment, decide(moment, whom).action(), code, lines);
  }

  @Override
  public void pause(long nanos) throws InterruptedException {
    sink.pause(nanos);
  }

  @Override
  public void keepSilence(Wire silent) throws InterruptedException {
    sink.pause(sink.misbehaviour().silence().toNanos());
  }

  @Override
  public void did(Moment moment, String what) {
    sink.script().counts().did(moment, what);
  }

  /** Nothing more comes from this session, which may never have run. */
  void end() {
    close();
    sink.ended(this);
    ended.countDown();
  }

  /** Waits until the session has recorded what it said last; to be called after closing it. */
  void awaitEnd() {
    boolean interrupted = false;
    while (true) {
      try {
        ended.await();
        break;
      } catch (InterruptedException e) {
        interrupted = true;
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
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
  private boolean command(String line) throws IOException, InterruptedException, SessionOver {
    String verb = line.split(" ", 2)[0].toUpperCase(Locale.ROOT);
    switch (verb) {
      case "EHLO" -> hello();
      case "HELO" -> {
        forget();
        act(Moment.EHLO, List.of(), 250, "sink.torture.test");
      }
      case "MAIL" -> mail(line);
      case "RCPT" -> recipient(line);
      case "DATA" -> {
        return data();
      }
      case "RSET" -> {
        forget();
        act(Moment.RSET, List.of(), 250, "2.0.0 forgotten");
      }
      case "NOOP" -> act(Moment.NOOP, List.of(), 250, "2.0.0 nothing done");
      case "QUIT" -> {
        act(Moment.QUIT, List.of(), 221, "2.0.0 bye");
        return false;
      }
      default -> wire.write("500 5.5.2 not known here");
    }
    return true;
  }

  private void hello() throws IOException, InterruptedException, SessionOver {
    forget();
    act(
        Moment.EHLO,
        List.of(),
        250,
        "sink.torture.test",
        "PIPELINING",
        "8BITMIME",
        "ENHANCEDSTATUSCODES",
        "SIZE 0");
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
    String address = path(line);
    if (!inMail) {
      wire.write("503 5.5.1 MAIL comes first");
    } else if (recipients.size() == RECIPIENTS_MAX) {
      wire.write("452 4.5.3 too many recipients");
    } else if (Address.isRefused(address)) {
      recorded(() -> sink.record().refused(550, address));
      wire.write("550 5.1.1 no such recipient, as marked");
    } else {
      offered(address);
    }
  }

  private void offered(String address) throws IOException, InterruptedException, SessionOver {
    var decision = decide(Moment.RCPT, List.of(address));
    if (decision.isOrdinary() && sink.misbehaviour().defersRecipient(address, sink.time(address))) {
      sink.strike(address);
      wire.write("450 4.2.1 not this time");
    } else if (performer.perform(Moment.RCPT, decision.action(), 250, "2.1.5 go on") < 300) {
      sink.spare(address);
      recipients.add(address);
    }
  }

  private boolean data() throws IOException, InterruptedException, SessionOver {
    if (recipients.isEmpty()) {
      wire.write("503 5.5.1 no recipient");
      return true;
    }
    if (act(Moment.DATA, recipients, 354, "end with a dot") != 354) {
      return true;
    }
    var intake = new Fingerprint.Intake();
    var report = sender.isEmpty() ? new ReportLines() : null;
    var misbehaviour = sink.misbehaviour();
    boolean bodyBegun = false;
    boolean slow = false;
    int piece = 0;
    for (boolean first = true; ; first = false) {
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
      if (first) {
        act(Moment.BODY, recipients, 0);
      }
      if (report != null) {
        report.line(bytes, offset, length);
      }
      if (!bodyBegun && intake.inBody()) {
        bodyBegun = true;
        String id = name(intake);
        int time = sink.time(id);
        if (misbehaviour.resets(id, time)) {
          sink.strike(id);
          wire.reset();
          return false;
        }
        slow = misbehaviour.readsSlowly(id, time);
      }
      piece += slow ? length : 0;
      if (piece >= SLOW_PIECE_BYTES) {
        sink.pause(SECOND_NANOS * piece / misbehaviour.slowBytesPerSecond());
        piece = 0;
      }
    }
    return answer(intake, report);
  }

  /**
   * Whom misbehaviour strikes: the mail, or the report to a sender; not the sender's address, whose
   * strikes are those of RCPT and forgotten as soon as that is let through.
   */
  private String name(Fingerprint.Intake intake) {
    return sender.isEmpty() ? "report to " + recipients.getFirst() : intake.id();
  }

  /** How the final dot is answered. */
  private enum Manner {
    TAKE(250, "250 2.0.0 taken as "),
    DEFER(451, "451 4.3.0 not this time "),
    REJECT(554, "554 5.6.0 never this mail "),
    CLOSE(0, ""),
    SILENCE(0, "");

    final int code;
    final String text;

    Manner(int code, String text) {
      this.code = code;
      this.text = text;
    }
  }

  private Manner manner(String id) {
    var misbehaviour = sink.misbehaviour();
    int time = sink.time(id);
    Manner manner;
    if (!sender.isEmpty() && misbehaviour.rejectsMail(id)) {
      // A report that is turned away is gone, and nothing could be said of its mail.
      return Manner.REJECT;
    } else if (misbehaviour.closes(id, time)) {
      manner = Manner.CLOSE;
    } else if (misbehaviour.fallsSilent(id, time)) {
      manner = Manner.SILENCE;
    } else if (misbehaviour.defersMail(id, time)) {
      manner = Manner.DEFER;
    } else {
      sink.spare(id);
      return Manner.TAKE;
    }
    sink.strike(id);
    return manner;
  }

  /** Answers the final dot; false where the connection is to be closed. */
  private boolean answer(Fingerprint.Intake intake, @Nullable ReportLines report)
      throws IOException, InterruptedException, SessionOver {
    long received = MicroClock.micros();
    String key = number + "." + ++transactions;
    String id = intake.id();
    var print = intake.finish();
    if (report != null && report.tells()) {
      recorded(() -> sink.record().told(key, report.id(), report.recipients()));
    }
    recorded(() -> sink.record().took(key, openedMicros, received, id, print, sender, recipients));
    var decision = decide(Moment.END, recipients);
    int code =
        decision.isOrdinary()
            ? answerByShares(key, name(intake))
            : answerByScript(key, name(intake), decision.action());
    if (code / 100 == 2) {
      sink.delivered(intake.dueMicros(), recipients.size());
    }
    forget();
    return code != 0;
  }

  /** The code that was given; the session may end instead. */
  private int answerByScript(String key, String name, Action action)
      throws IOException, InterruptedException, SessionOver {
    int code = action instanceof Action.Answer answer ? answer.code() : 0;
    if (code == 0) {
      recorded(() -> sink.record().said(key, code));
      return performer.perform(Moment.END, action, 0);
    }
    try {
      performer.perform(Moment.END, action, 0);
      wire.flush();
    } finally {
      recorded(() -> sink.record().said(key, code));
    }
    if (code / 100 == 2) {
      sink.spare(name);
    }
    return code;
  }

  /** The code that was given; 0 where the connection is to be closed. */
  private int answerByShares(String key, String name) throws IOException, InterruptedException {
    boolean stalls = sink.misbehaviour().stalls(name, sink.time(name));
    var manner = manner(name);
    if (stalls && manner.code != 0) {
      sink.pause(sink.misbehaviour().stall().toNanos());
    }
    try {
      if (manner.code != 0) {
        wire.write(manner.text + key);
        wire.flush();
      }
    } finally {
      recorded(() -> said(key, manner));
    }
    if (manner == Manner.SILENCE) {
      sink.pause(sink.misbehaviour().silence().toNanos());
    }
    return manner.code;
  }

  private void said(String key, Manner manner) throws IOException {
    if (manner == Manner.REJECT) {
      for (String recipient : recipients) {
        if (!Address.isSender(recipient)) {
          sink.record().refused(manner.code, recipient);
        }
      }
    }
    sink.record().said(key, manner.code);
  }

  private void forget() {
    inMail = false;
    sender = "";
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
