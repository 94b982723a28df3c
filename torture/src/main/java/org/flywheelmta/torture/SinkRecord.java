package org.flywheelmta.torture;

import java.io.Closeable;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.flywheelmta.clients.Moment;

/**
 * What the sink saw and said. KEY joins the two lines of one transaction:
 *
 * <pre>
 * told    KEY REPORT RECIPIENT,…                                   of a report of failure, before it
 * took    KEY OPENED RECEIVED ID BYTES SHA256 SENDER RECIPIENT,…   before the reply
 * said    KEY MICROS CODE                                          after it was written
 * refused MICROS CODE WHOM                                         turned away for good
 * held    MICROS MOMENT WHOM                                       put off, and would be put off again
 * freed   MICROS MOMENT WHOM                                       no longer
 * </pre>
 *
 * <p>OPENED is when the connection was accepted, RECEIVED when the final dot was read, ID what
 * X-Torture-Id says. REPORT is a report's Message-ID. CODE is 0 where the sink closed the
 * connection instead of replying, SENDER a hyphen for the null reverse path. WHOM is a recipient; a
 * sender for all of its mail's recipients whom nothing else is said of; at the MOMENT mail a
 * sender, or a hyphen for the null reverse path; a hyphen for everybody before that. Lines are
 * gathered until somebody writes them, and not forced: a sink is never killed. Any thread may
 * record and write.
 */
final class SinkRecord implements Closeable {
  private final Journal journal;

  private SinkRecord(Journal journal) {
    this.journal = journal;
  }

  static SinkRecord open(Path file) throws IOException {
    return new SinkRecord(Journal.open(file));
  }

  /** A whole mail was read; {@code key} is unique within the record. */
  void took(
      String key,
      long openedMicros,
      long receivedMicros,
      String id,
      Fingerprint print,
      String sender,
      List<String> recipients)
      throws IOException {
    journal.add(
        "took "
            + key
            + ' '
            + openedMicros
            + ' '
            + receivedMicros
            + ' '
            + id
            + ' '
            + print.bytes()
            + ' '
            + print.sha256()
            + ' '
            + (sender.isEmpty() ? "-" : sender)
            + ' '
            + String.join(",", recipients));
  }

  /** The mail of that key, which comes next, reports that these recipients failed. */
  void told(String key, String report, List<String> recipients) throws IOException {
    journal.add("told " + key + ' ' + report + ' ' + String.join(",", recipients));
  }

  void said(String key, int code) throws IOException {
    journal.add("said " + key + ' ' + MicroClock.micros() + ' ' + code);
  }

  /**
   * @param whom a recipient, or a sender for all recipients of its mail
   */
  void refused(int code, String whom) throws IOException {
    journal.add("refused " + MicroClock.micros() + ' ' + code + ' ' + whom);
  }

  /** A script puts off whom it would put off again. */
  void held(Moment moment, String whom) throws IOException {
    journal.add("held " + MicroClock.micros() + ' ' + moment.word() + ' ' + whom);
  }

  /** At that moment a script would let through whom it held. */
  void freed(Moment moment, String whom) throws IOException {
    journal.add("freed " + MicroClock.micros() + ' ' + moment.word() + ' ' + whom);
  }

  /** What was recorded before is in the file when it returns. */
  void write() throws IOException {
    journal.write();
  }

  @Override
  public void close() throws IOException {
    journal.close();
  }
}
