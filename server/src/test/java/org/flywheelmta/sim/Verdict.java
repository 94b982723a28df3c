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
 * @param lost recipients that were acknowledged and neither delivered, refused for ever by the
 *     gateway, nor bounced
 * @param damaged deliveries whose content is not what was sent
 * @param invented deliveries that nobody sent, or that the server had refused
 * @param duplicates deliveries after one whose answer the server had read, and no crash explains
 * @param explained deliveries after one whose answer was not heard, or not kept because of a crash
 */
@ReadOnlyThreadSafe
public record Verdict(
    List<String> lost,
    List<String> damaged,
    List<String> invented,
    List<String> duplicates,
    List<String> explained) {
  /** True when nothing was lost, damaged, invented, or repeated without a reason. */
  public boolean good() {
    return lost.isEmpty() && damaged.isEmpty() && invented.isEmpty() && duplicates.isEmpty();
  }

  /**
   * @param crashNanos when the server crashed
   * @param outcomeWindowNanos how long before a crash an answer may be forgotten, with the time
   *     that the answer takes over the network
   */
  static Verdict judge(
      Ledger ledger, SimSmtpSink sink, List<Long> crashNanos, long outcomeWindowNanos) {
    var damaged = new ArrayList<String>();
    var invented = new ArrayList<String>();
    var duplicates = new ArrayList<String>();
    var explained = new ArrayList<String>();
    var last = new LinkedHashMap<String, SimSmtpSink.Delivery>();
    var bounced = new LinkedHashSet<Integer>();
    for (var delivery : sink.deliveries()) {
      var recipient = delivery.recipient();
      var mail = ledger.sent().get(SimMail.numberIn(recipient));
      if (delivery.sender().isEmpty() && mail != null && recipient.equals(mail.sender())) {
        bounced.add(mail.number());
        continue;
      }
      if (mail == null
          || !mail.recipients().contains(recipient)
          || ledger.refused().contains(recipient)) {
        invented.add(recipient);
        continue;
      }
      if (delivery.hash() != mail.hash() || !delivery.sender().equals(mail.sender())) {
        damaged.add(recipient);
      }
      var earlier = last.put(recipient, delivery);
      if (earlier != null) {
        boolean reason = forgivable(earlier, crashNanos, outcomeWindowNanos);
        (reason ? explained : duplicates).add(recipient);
      }
    }
    var lost = lost(ledger, last, sink.refused(), bounced);
    return new Verdict(lost, damaged, invented, duplicates, explained);
  }

  private static List<String> lost(
      Ledger ledger,
      Map<String, SimSmtpSink.Delivery> delivered,
      Map<String, String> refusedByGateway,
      Set<Integer> bounced) {
    return ledger.acknowledged().stream()
        .filter(recipient -> !delivered.containsKey(recipient))
        .filter(recipient -> !refusedByGateway.containsKey(recipient))
        .filter(recipient -> !bounced.contains(SimMail.numberIn(recipient)))
        .toList();
  }

  private static boolean forgivable(
      SimSmtpSink.Delivery earlier, List<Long> crashNanos, long outcomeWindowNanos) {
    if (!earlier.answer().heard()) {
      return true;
    }
    return crashNanos.stream()
        .mapToLong(at -> at - earlier.takenNanos())
        .anyMatch(age -> age >= 0 && age <= outcomeWindowNanos);
  }
}
