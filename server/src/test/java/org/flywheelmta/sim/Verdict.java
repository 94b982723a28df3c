package org.flywheelmta.sim;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.flywheelmta.base.ReadOnlyThreadSafe;

/**
 * What the senders' ledger and the gateway's say about a server, after all was drained.
 *
 * <p>Transactions are judged in pairs, and by when the server began and gave up each, not by when
 * the gateway took the message on: that may be long after the server has given the transaction up,
 * or has died, and has delivered the message by another.
 *
 * @param lost recipients that were acknowledged and neither delivered nor refused for ever by the
 *     gateway
 * @param damaged deliveries whose content is not what was sent
 * @param invented deliveries that nobody sent, or that the server had refused
 * @param duplicates deliveries at the same time as another, or after one whose answer the server
 *     had read, and no crash explains
 * @param explained deliveries after one whose answer was not heard, or not kept because of a crash
 * @param untold recipients whose mail failed for good and whose sender was not told
 * @param mistold recipients of whom a sender was told what is not so, or twice
 */
@ReadOnlyThreadSafe
public record Verdict(
    List<String> lost,
    List<String> damaged,
    List<String> invented,
    List<String> duplicates,
    List<String> explained,
    List<String> untold,
    List<String> mistold) {
  /**
   * An end of a server's life without warning.
   *
   * @param windowNanos how long before it an answer was heard that may be forgotten
   */
  record Crash(long nanos, long windowNanos) {
    boolean forgets(long heardNanos) {
      return heardNanos <= nanos && nanos - heardNanos <= windowNanos;
    }
  }

  /** True when nothing was lost, damaged, invented, or repeated without a reason. */
  public boolean good() {
    return faults().isEmpty();
  }

  /** What is not good, in one line. */
  public String faults() {
    var text = new StringBuilder();
    tell(text, "lost", lost);
    tell(text, "damaged", damaged);
    tell(text, "invented", invented);
    tell(text, "repeated", duplicates);
    tell(text, "untold", untold);
    tell(text, "mistold", mistold);
    return text.toString();
  }

  static void tell(StringBuilder text, String fault, List<String> recipients) {
    if (!recipients.isEmpty()) {
      text.append(text.isEmpty() ? "" : "; ").append(fault).append(' ').append(recipients.size());
      text.append(", first ").append(recipients.getFirst());
    }
  }

  static Verdict judge(Ledger ledger, Arrivals arrivals, List<Crash> crashes) {
    var damaged = new ArrayList<String>();
    var invented = new ArrayList<String>();
    var duplicates = new ArrayList<String>();
    var explained = new ArrayList<String>();
    var delivered = new LinkedHashMap<String, List<SimSmtpSink.Transfer>>();
    var notifications = new Notifications(ledger, arrivals);
    for (var delivery : arrivals.deliveries()) {
      var recipient = delivery.recipient();
      var mail = ledger.sent().get(SimMail.numberIn(recipient));
      var key = recipient;
      if (delivery.sender().isEmpty() && mail != null && recipient.equals(mail.sender())) {
        var notification = Notification.read(delivery.content());
        if (notification == null || !notifications.add(notification, mail)) {
          invented.add(recipient);
          continue;
        }
        key = notification.id();
      } else if (mail == null
          || !mail.recipients().contains(recipient)
          || ledger.refused().contains(recipient)) {
        invented.add(recipient);
        continue;
      } else if (delivery.hash() != mail.hash() || !delivery.sender().equals(mail.sender())) {
        damaged.add(recipient);
      }
      var others = delivered.computeIfAbsent(key, r -> new ArrayList<>());
      var transfer = delivery.transfer();
      if (!others.isEmpty()) {
        boolean good = others.stream().allMatch(other -> isExplained(other, transfer, crashes));
        (good ? explained : duplicates).add(recipient);
      }
      others.add(transfer);
    }
    var lost = lost(ledger, delivered.keySet(), arrivals.failed());
    var untold = notifications.untold(delivered.keySet());
    var mistold = notifications.mistold(known(delivered, crashes));
    return new Verdict(lost, damaged, invented, duplicates, explained, untold, mistold);
  }

  /** Those of whom an answer was heard that no crash took away again. */
  private static Set<String> known(
      Map<String, List<SimSmtpSink.Transfer>> delivered, List<Crash> crashes) {
    var known = new LinkedHashSet<String>();
    delivered.forEach(
        (recipient, transfers) -> {
          for (var transfer : transfers) {
            long heard = transfer.heardNanos();
            boolean forgotten = crashes.stream().anyMatch(crash -> crash.forgets(heard));
            if (heard != Actor.NEVER && !forgotten) {
              known.add(recipient);
            }
          }
        });
    return known;
  }

  private static List<String> lost(Ledger ledger, Set<String> delivered, Set<String> failed) {
    return ledger.acknowledged().stream()
        .filter(recipient -> !delivered.contains(recipient))
        .filter(recipient -> !failed.contains(recipient))
        .toList();
  }

  private static boolean isExplained(
      SimSmtpSink.Transfer one, SimSmtpSink.Transfer other, List<Crash> crashes) {
    return isForgotten(one, other, crashes) || isForgotten(other, one, crashes);
  }

  /** True when the server was right to begin one although there had been the other. */
  private static boolean isForgotten(
      SimSmtpSink.Transfer earlier, SimSmtpSink.Transfer later, List<Crash> crashes) {
    if (earlier.abandonedNanos() > later.beganNanos()) {
      return false;
    }
    long heard = earlier.heardNanos();
    return heard == Actor.NEVER || crashes.stream().anyMatch(crash -> crash.forgets(heard));
  }
}
