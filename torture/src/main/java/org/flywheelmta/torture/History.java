package org.flywheelmta.torture;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.flywheelmta.clients.Moment;
import org.jspecify.annotations.Nullable;

/**
 * The three journals of a run, joined by mail. Can be brought up to date again and again while the
 * run goes on. For one thread.
 */
final class History {
  static final String LEDGER = "ledger";
  static final String SINK_RECORD = "sink-record";
  static final String KILL_RECORD = "kill-record";

  private static final String NULL_SENDER = Moment.MAIL.word() + " -";

  private final JournalTail ledger;
  private final JournalTail sinkRecord;
  private final JournalTail killRecord;
  private final Map<String, MailFate> mails = new LinkedHashMap<>();
  private final Map<String, Taken> unanswered = new LinkedHashMap<>();
  private final Map<String, Told> told = new LinkedHashMap<>();
  private final Map<String, Long> allHeld = new LinkedHashMap<>();
  private final List<Kill> kills = new ArrayList<>();
  private final List<String> strangers = new ArrayList<>();
  private long sinkLines;
  private long open;

  /** A mail that the sink has read and not yet answered. */
  private record Taken(
      long openedMicros, String id, Fingerprint print, String sender, List<String> recipients) {}

  /** Of whom a report tells that the sink has read and not yet answered. */
  private record Told(String id, List<String> recipients) {}

  History(Path ledger, Path sinkRecord, Path killRecord) {
    this.ledger = new JournalTail(ledger);
    this.sinkRecord = new JournalTail(sinkRecord);
    this.killRecord = new JournalTail(killRecord);
  }

  /** Of the run whose journals stand in {@code folder} under their usual names. */
  static History in(Path folder) {
    return new History(
        folder.resolve(LEDGER), folder.resolve(SINK_RECORD), folder.resolve(KILL_RECORD));
  }

  /** Reads what the journals have gained. */
  void catchUp() throws IOException {
    // The sink's lines end where the record ended before the ledger was read: so each mail that the
    // sink saw is known by then, because its line stood in the ledger before it was sent.
    long limit = sinkRecord.length();
    ledger.read(line -> tellLedger(line.split(" ")));
    killRecord.read(line -> tellKill(line.split(" ")));
    sinkRecord.read(
        limit,
        line -> {
          tellSink(line.split(" "));
          sinkLines++;
        });
  }

  /** Ends the reading: a reply that is not recorded may have been given. */
  void finish() throws IOException {
    catchUp();
    unanswered.forEach((key, taken) -> delivered(taken, told.get(key), Long.MAX_VALUE));
    unanswered.clear();
  }

  Collection<MailFate> mails() {
    return mails.values();
  }

  List<Kill> kills() {
    return kills;
  }

  /** Deliveries that belong to no mail or recipient of the ledger, one sentence each. */
  List<String> strangers() {
    return strangers;
  }

  /** Lines of the sink record read so far, which tells whether the sink is quiet. */
  long sinkLines() {
    return sinkLines;
  }

  /** Mails for which more deliveries must come. */
  long open() {
    return open;
  }

  /** Tells a mail something, and keeps the count of open ones. */
  private void tell(MailFate mail, Consumer<MailFate> what) {
    open -= mail.isOpen() ? 1 : 0;
    what.accept(mail);
    open += mail.isOpen() ? 1 : 0;
  }

  private void tellLedger(String[] words) {
    String id = words[2];
    if (words[0].equals("sent")) {
      var print = new Fingerprint(Long.parseLong(words[3]), words[4]);
      mails.put(id, new MailFate(id, print, List.of(words[5].split(","))));
      return;
    }
    var mail = mails.get(id);
    if (mail == null) {
      throw new IllegalStateException("the ledger ends a mail that it never sent: " + id);
    }
    tell(mail, told -> end(told, words));
  }

  private static void end(MailFate mail, String[] words) {
    long micros = Long.parseLong(words[1]);
    switch (words[0]) {
      case "acknowledged" -> mail.ended(MailFate.Ending.ACKNOWLEDGED, micros, taken(words));
      case "unknown" -> {
        if (words.length > 3) {
          mail.ended(MailFate.Ending.UNKNOWN, micros, taken(words));
        }
      }
      case "refused" -> mail.ended(MailFate.Ending.REFUSED, micros);
      case "unsent" -> mail.ended(MailFate.Ending.UNSENT, micros);
      default -> throw new IllegalStateException("not a line of a ledger: " + words[0]);
    }
  }

  private static List<String> taken(String[] words) {
    return List.of(words[3].split(","));
  }

  private void tellKill(String[] words) {
    kills.add(new Kill(Long.parseLong(words[1]), Long.parseLong(words[2])));
  }

  private void tellSink(String[] words) {
    switch (words[0]) {
      case "took" ->
          unanswered.put(
              words[1],
              new Taken(
                  Long.parseLong(words[2]),
                  words[4],
                  new Fingerprint(Long.parseLong(words[5]), words[6]),
                  words[7],
                  List.of(words[8].split(","))));
      case "told" -> told.put(words[1], new Told(words[2], List.of(words[3].split(","))));
      case "said" -> {
        var taken = unanswered.remove(words[1]);
        var report = told.remove(words[1]);
        if (taken != null && words[3].startsWith("2")) {
          delivered(taken, report, Long.parseLong(words[2]));
        }
      }
      case "refused" -> {
        var mail = mail(words[3]);
        if (mail == null) {
          strangers.add("a mail that was never sent was offered for " + words[3]);
        } else if (Address.isSender(words[3])) {
          tell(mail, MailFate::senderRefused);
        } else {
          tell(mail, told -> told.bounced(words[3]));
        }
      }
      case "held", "freed" -> tellHeld(words);
      default -> throw new IllegalStateException("not a line of a sink record: " + words[0]);
    }
  }

  private void tellHeld(String[] words) {
    boolean holds = words[0].equals("held");
    long micros = Long.parseLong(words[1]);
    String key = words[2] + ' ' + words[3];
    var mail = mail(words[3]);
    if (words[3].equals("-")) {
      allHeld.compute(key, (same, earlier) -> holds ? micros : null);
    } else if (mail == null) {
      strangers.add("a mail that was never sent was offered for " + words[3]);
    } else if (holds) {
      mail.held(key, micros);
    } else {
      mail.freed(key);
    }
  }

  /**
   * Whether the script of the sink puts the recipient off to the end, as the last server has found.
   */
  boolean isHeld(MailFate mail, String recipient) {
    return isRecent(Math.max(mail.heldMicros(recipient), allHeldMicros(false)));
  }

  /** As {@link #isHeld}, of reports to the sender of a mail. */
  boolean isReportHeld(MailFate mail) {
    return isRecent(Math.max(mail.reportHeldMicros(), allHeldMicros(true)));
  }

  private boolean isRecent(long heldMicros) {
    return heldMicros > (kills.isEmpty() ? 0 : kills.getLast().goneMicros());
  }

  private long allHeldMicros(boolean reports) {
    return allHeld.entrySet().stream()
        .filter(each -> reports || !each.getKey().equals(NULL_SENDER))
        .mapToLong(Map.Entry::getValue)
        .max()
        .orElse(0);
  }

  private void delivered(Taken taken, @Nullable Told report, long saidMicros) {
    for (String recipient : taken.recipients()) {
      var mail = mail(recipient);
      if (mail == null) {
        strangers.add("a mail that was never sent came for " + recipient);
      } else if (Address.isSender(recipient)) {
        if (taken.sender().equals("-")) {
          mail.reported();
          if (report != null) {
            reported(taken, report, saidMicros);
          }
        } else {
          strangers.add("a mail to the sender " + recipient + " is no report of failure");
        }
      } else {
        String damage = damage(mail, taken);
        tell(mail, told -> told.delivered(recipient, taken.openedMicros(), saidMicros, damage));
      }
    }
  }

  private void reported(Taken taken, Told report, long saidMicros) {
    for (String recipient : report.recipients()) {
      var mail = mail(recipient);
      if (mail == null) {
        strangers.add("a mail that was never sent was reported for " + recipient);
      } else {
        mail.reported(
            new MailFate.Report(report.id(), recipient, taken.openedMicros(), saidMicros));
      }
    }
  }

  private static String damage(MailFate mail, Taken taken) {
    if (!taken.id().equals(mail.id())) {
      return "its header names " + taken.id();
    }
    if (taken.print().bytes() != mail.bytes()) {
      return taken.print().bytes() + " bytes instead of " + mail.bytes();
    }
    return mail.hasPrint(taken.print()) ? "" : "other bytes of the same length";
  }

  private @Nullable MailFate mail(String address) {
    String id = Address.id(address);
    return id == null ? null : mails.get(id);
  }
}
