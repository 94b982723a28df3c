package org.flywheelmta.torture;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;
import org.flywheelmta.clients.Moment;

/**
 * What ledger and sink record tell about one mail. It holds little, because a run has millions: of
 * the print no more than tells two apart, each address once, and lists only where there is
 * something in them. For one thread.
 */
final class MailFate {
  /** How the generator saw the mail end. */
  enum Ending {
    /** The server said yes. */
    ACKNOWLEDGED,
    /** The server said no. */
    REFUSED,
    /** The connection broke after the final dot, or the generator died. */
    UNKNOWN,
    /** The connection broke before the final dot. */
    UNSENT
  }

  /**
   * One delivery to one recipient, answered by the sink with 250.
   *
   * @param openedMicros when the sink accepted the connection
   * @param saidMicros when the 250 was written; {@link Long#MAX_VALUE} where that is not recorded
   * @param damage what is wrong with it, or empty
   */
  record Copy(String recipient, long openedMicros, long saidMicros, String damage) {}

  /**
   * One notification of failure that the sink took, as far as it tells of one recipient.
   *
   * @param id its Message-ID
   */
  record Report(String id, String recipient, long openedMicros, long saidMicros) {
    /** It as a delivery, whose copies are judged like any other's. */
    Copy copy() {
      return new Copy(recipient, openedMicros, saidMicros, "");
    }
  }

  private final String id;
  private final long bytes;
  private final long fold;
  private List<String> recipients;
  private List<Copy> copies = List.of();
  private Set<String> bounced = Set.of();
  private List<Report> reports = List.of();
  private Ending ending = Ending.UNKNOWN;
  private long endedMicros;
  private boolean reported;
  private boolean senderRefused;

  /** When a script held it last, by moment and whom. */
  private Map<String, Long> held = Map.of();

  MailFate(String id, Fingerprint print, List<String> recipients) {
    this.id = id;
    this.bytes = print.bytes();
    this.fold = fold(print);
    this.recipients = recipients;
  }

  /** 64 bits of the hash, enough against accidents. */
  private static long fold(Fingerprint print) {
    long fold = 0xCBF29CE484222325L;
    for (int i = 0; i < print.sha256().length(); i++) {
      fold = (fold ^ print.sha256().charAt(i)) * 0x100000001B3L;
    }
    return fold;
  }

  void ended(Ending how, long micros) {
    ending = how;
    endedMicros = micros;
  }

  void ended(Ending how, long micros, List<String> taken) {
    ended(how, micros);
    recipients = taken.equals(recipients) ? recipients : taken;
  }

  /** One more {@link Copy}. */
  void delivered(String recipient, long openedMicros, long saidMicros, String damage) {
    int known = recipients.indexOf(recipient);
    String address = known < 0 ? recipient : recipients.get(known);
    copies = with(copies, new Copy(address, openedMicros, saidMicros, damage));
  }

  private static List<Copy> with(List<Copy> copies, Copy copy) {
    if (copies.isEmpty()) {
      return List.of(copy);
    }
    var more = new ArrayList<>(copies);
    more.add(copy);
    return List.copyOf(more);
  }

  void bounced(String recipient) {
    if (bounced.isEmpty()) {
      bounced = new LinkedHashSet<>();
    }
    bounced.add(recipient);
  }

  /** The sink turned its sender away, and with it whoever of its recipients is not delivered. */
  void senderRefused() {
    senderRefused = true;
  }

  boolean isSenderRefused() {
    return senderRefused;
  }

  void held(String momentAndWhom, long micros) {
    if (held.isEmpty()) {
      held = new LinkedHashMap<>();
    }
    held.put(momentAndWhom, micros);
  }

  void freed(String momentAndWhom) {
    if (!held.isEmpty()) {
      held.remove(momentAndWhom);
    }
  }

  /** When a script last held its transactions for a recipient, or all of them; 0 for never. */
  long heldMicros(String recipient) {
    String mine = ' ' + recipient;
    String all = Moment.MAIL.word() + ' ' + Address.sender(id);
    return heldMicros(key -> key.endsWith(mine) || key.equals(all));
  }

  /** When a script last held a report to its sender, whose name is known from RCPT on. */
  long reportHeldMicros() {
    String mine = ' ' + Address.sender(id);
    return heldMicros(key -> key.endsWith(mine) && !key.startsWith(Moment.MAIL.word()));
  }

  private long heldMicros(Predicate<String> keys) {
    return held.entrySet().stream()
        .filter(each -> keys.test(each.getKey()))
        .mapToLong(Map.Entry::getValue)
        .max()
        .orElse(0);
  }

  void reported() {
    reported = true;
  }

  void reported(Report report) {
    var more = new ArrayList<>(reports);
    more.add(report);
    reports = List.copyOf(more);
  }

  String id() {
    return id;
  }

  /** How many bytes the sink must have hashed. */
  long bytes() {
    return bytes;
  }

  boolean hasPrint(Fingerprint print) {
    return print.bytes() == bytes && fold(print) == fold;
  }

  Ending ending() {
    return ending;
  }

  /** When the generator wrote the ending down; 0 where it never did. */
  long endedMicros() {
    return endedMicros;
  }

  /** Those whom the server took, as far as is known; else those whom it was offered. */
  List<String> recipients() {
    return recipients;
  }

  List<Copy> copies() {
    return copies;
  }

  /** Whether the sink turned the recipient away for good. */
  boolean isBounced(String recipient) {
    return bounced.contains(recipient) || (senderRefused && !isDelivered(recipient));
  }

  /** Whether a report of failure for this mail arrived. */
  boolean isReported() {
    return reported;
  }

  /** What was reported of its recipients, in order of arrival. */
  List<Report> reports() {
    return reports;
  }

  boolean isDelivered(String recipient) {
    for (var copy : copies) {
      if (copy.recipient().equals(recipient)) {
        return true;
      }
    }
    return false;
  }

  /** Everyone to whom it was delivered, in order of arrival. */
  Set<String> reached() {
    var reached = new LinkedHashSet<String>();
    copies.forEach(copy -> reached.add(copy.recipient()));
    return reached;
  }

  /** Recipients for whom neither a delivery nor a refusal is known. */
  List<String> open() {
    return recipients.stream().filter(r -> !isBounced(r) && !isDelivered(r)).toList();
  }

  /** Whether more deliveries must come before a verdict is fair. */
  boolean isOpen() {
    if (ending == Ending.REFUSED || ending == Ending.UNSENT) {
      return false;
    }
    int open = 0;
    for (String recipient : recipients) {
      open += isBounced(recipient) || isDelivered(recipient) ? 0 : 1;
    }
    return switch (ending) {
      case ACKNOWLEDGED -> open > 0;
      case UNKNOWN -> open > 0 && open < recipients.size();
      case REFUSED, UNSENT -> false;
    };
  }
}
