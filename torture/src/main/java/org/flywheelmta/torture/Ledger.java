package org.flywheelmta.torture;

import java.io.Closeable;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.flywheelmta.clients.Outcome;
import org.jspecify.annotations.Nullable;

/**
 * What the generator promised itself to remember. One line before a mail is sent and one when its
 * fate at the server is known, each forced before the generator goes on; where a rate is measured
 * the first is forced in groups ahead of the sending, and the second in groups behind it:
 *
 * <pre>
 * sent         MICROS ID BYTES SHA256 RECIPIENT,RECIPIENT,…
 * acknowledged MICROS ID RECIPIENT,…
 * refused      MICROS ID CODE
 * unknown      MICROS ID RECIPIENT,…
 * unsent       MICROS ID
 * </pre>
 *
 * <p>A mail without a second line is one whose generator died: it may arrive, whole, or not. Any
 * thread may write.
 */
public final class Ledger implements Closeable {
  private final @Nullable Journal journal;
  private final AtomicLong numbers;

  private Ledger(@Nullable Journal journal, long firstNumber) {
    this.journal = journal;
    this.numbers = new AtomicLong(firstNumber);
  }

  /**
   * One that gives numbers and keeps nothing: where a rate or a time is measured and nobody judges,
   * its writes would be in the way of the server's.
   */
  public static Ledger ofNothing() {
    return new Ledger(null, 0);
  }

  /** Opens or creates; numbers go on after those that the file holds. */
  static Ledger open(Path file) throws IOException {
    var journal = Journal.open(file);
    var next = new AtomicLong();
    new JournalTail(file)
        .read(
            line -> {
              if (line.startsWith("sent ")) {
                String id = line.split(" ", 4)[2];
                long number = Long.parseLong(id.substring(id.lastIndexOf('-') + 1));
                next.accumulateAndGet(number + 1, Math::max);
              }
            });
    return new Ledger(journal, next.get());
  }

  /** A number that no mail of this ledger has. */
  long nextNumber() {
    return numbers.getAndIncrement();
  }

  /** On the disk when it returns, so the mail may be sent. */
  void sent(Mail mail) throws IOException {
    if (journal != null) {
      journal.force(sentLine(mail));
    }
  }

  /** As {@link #sent}, but on the disk only after the next {@link #force}. */
  void sentWithNextForce(Mail mail) throws IOException {
    if (journal != null) {
      journal.add(sentLine(mail));
    }
  }

  /** On the disk when it returns, so an acknowledgement counts from here. */
  void ended(Mail mail, Outcome outcome) throws IOException {
    if (journal != null) {
      journal.force(endedLine(mail, outcome));
    }
  }

  /**
   * As {@link #ended}, but on the disk only after the next {@link #force}; a ledger that lacks the
   * line accuses the server of less.
   */
  void endedWithNextForce(Mail mail, Outcome outcome) throws IOException {
    if (journal != null) {
      journal.add(endedLine(mail, outcome));
    }
  }

  /** Everything added before is on the disk when it returns. */
  void force() throws IOException {
    if (journal != null) {
      journal.force();
    }
  }

  private static String sentLine(Mail mail) {
    var print = mail.print();
    return "sent "
        + MicroClock.micros()
        + ' '
        + mail.id()
        + ' '
        + print.bytes()
        + ' '
        + print.sha256()
        + ' '
        + String.join(",", mail.recipients());
  }

  private static String endedLine(Mail mail, Outcome outcome) {
    long now = MicroClock.micros();
    return switch (outcome) {
      case Outcome.Acknowledged(var recipients) -> named("acknowledged", now, mail, recipients);
      case Outcome.Refused(int code, _) -> "refused " + now + ' ' + mail.id() + ' ' + code;
      case Outcome.Unknown(var recipients) -> named("unknown", now, mail, recipients);
      case Outcome.Unsent() -> "unsent " + now + ' ' + mail.id();
    };
  }

  private static String named(String word, long now, Mail mail, List<String> recipients) {
    return word + ' ' + now + ' ' + mail.id() + ' ' + String.join(",", recipients);
  }

  @Override
  public void close() throws IOException {
    if (journal != null) {
      journal.close();
    }
  }
}
