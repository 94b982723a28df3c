package org.flywheelmta.torture;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/** What ledger and sink record tell about one mail. For one thread. */
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

  private final String id;
  private final Fingerprint print;
  private final List<Copy> copies = new ArrayList<>(1);
  private final Set<String> bounced = new LinkedHashSet<>();
  private List<String> recipients;
  private Ending ending = Ending.UNKNOWN;
  private long endedMicros;
  private boolean reported;

  MailFate(String id, Fingerprint print, List<String> recipients) {
    this.id = id;
    this.print = print;
    this.recipients = recipients;
  }

  void ended(Ending how, long micros) {
    ending = how;
    endedMicros = micros;
  }

  void ended(Ending how, long micros, List<String> taken) {
    ended(how, micros);
    recipients = taken;
  }

  void delivered(Copy copy) {
    copies.add(copy);
  }

  void bounced(String recipient) {
    bounced.add(recipient);
  }

  void reported() {
    reported = true;
  }

  String id() {
    return id;
  }

  Fingerprint print() {
    return print;
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
    return bounced.contains(recipient);
  }

  /** Whether a report of failure for this mail arrived. */
  boolean isReported() {
    return reported;
  }

  boolean isDelivered(String recipient) {
    return copies.stream().anyMatch(copy -> copy.recipient().equals(recipient));
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
    int open = open().size();
    return switch (ending) {
      case ACKNOWLEDGED -> open > 0;
      case UNKNOWN -> open > 0 && open < recipients.size();
      case REFUSED, UNSENT -> false;
    };
  }
}
