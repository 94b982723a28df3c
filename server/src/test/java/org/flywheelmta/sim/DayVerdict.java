package org.flywheelmta.sim;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.flywheelmta.base.ReadOnlyThreadSafe;

/**
 * What became of a day's mail.
 *
 * @param verdict what holds of any mail
 * @param late recipients that can be reached and were not within two of their domain's longest
 *     retry intervals after the faults ended
 * @param astray recipients whose mail went to a host that their domain never named
 * @param untold recipients that failed for good without an event that says so
 * @param wronged recipients that can be reached, or did not refuse, and were said to have failed
 * @param notified senders that were not told once, or not as often as they should, of what failed
 *     for good
 */
@ReadOnlyThreadSafe
public record DayVerdict(
    Verdict verdict,
    List<String> late,
    List<String> astray,
    List<String> untold,
    List<String> wronged,
    List<String> notified) {
  /** True when all mail became what it should. */
  public boolean good() {
    return verdict.good()
        && late.isEmpty()
        && astray.isEmpty()
        && untold.isEmpty()
        && wronged.isEmpty()
        && notified.isEmpty();
  }

  /** What is not good, in one line. */
  public String faults() {
    var text = new StringBuilder(verdict.faults());
    Verdict.tell(text, "late", late);
    Verdict.tell(text, "astray", astray);
    Verdict.tell(text, "untold", untold);
    Verdict.tell(text, "wronged", wronged);
    Verdict.tell(text, "notified wrongly", notified);
    return text.toString();
  }

  /**
   * What a day leaves behind.
   *
   * @param failing recipients that cannot be reached, or were refused for good, and when each had
   *     left the server
   * @param deliveries what the hosts took on, in order
   * @param hosts which of them, as many
   * @param endNanos when the faults ended
   */
  record Evidence(
      Ledger ledger,
      DomainsOfDay domains,
      Map<String, Long> failing,
      List<SimSmtpSink.Delivery> deliveries,
      List<MxHost> hosts,
      EventsOfDay events,
      List<Verdict.Crash> crashes,
      boolean notifies,
      long endNanos) {
    // An event is written at once, unless a crash comes between.
    private static final long EVENT_NANOS = 1_000_000_000L;
    private static final long RETRY_SPREAD = 10;

    DayVerdict judge() {
      return new DayVerdict(
          Verdict.judge(ledger, deliveries, failing.keySet(), List.of(), crashes)
              .withoutNotifications(),
          late(),
          astray(),
          untold(),
          wronged(),
          notified());
    }

    private List<String> late() {
      var first = new LinkedHashMap<String, Long>();
      deliveries.forEach(d -> first.putIfAbsent(d.recipient(), d.takenNanos()));
      return ledger.acknowledged().stream()
          .filter(recipient -> first.getOrDefault(recipient, 0L) > deadlineNanos(recipient))
          .toList();
    }

    /** Until when mail for a recipient must have been delivered. */
    private long deadlineNanos(String recipient) {
      return endNanos + patienceNanos(domains.of(recipient));
    }

    /** Two of the longest retry intervals of a domain, spread included. */
    static long patienceNanos(DayDomain domain) {
      return 2 * (domain.maxRetryNanos() + domain.maxRetryNanos() / RETRY_SPREAD);
    }

    private List<String> astray() {
      var astray = new ArrayList<String>();
      for (int i = 0; i < deliveries.size(); i++) {
        var recipient = deliveries.get(i).recipient();
        if (!domains.of(recipient).homes().contains(hosts.get(i))) {
          astray.add(recipient + " at " + hosts.get(i));
        }
      }
      return astray;
    }

    private List<String> untold() {
      return failing.entrySet().stream()
          .filter(entry -> ledger.acknowledged().contains(entry.getKey()))
          .filter(entry -> !events.bounces().containsKey(entry.getKey()))
          .filter(entry -> crashes.stream().noneMatch(crash -> follows(crash, entry.getValue())))
          .map(Map.Entry::getKey)
          .toList();
    }

    private static boolean follows(Verdict.Crash crash, long nanos) {
      return crash.nanos() >= nanos && crash.nanos() - nanos <= EVENT_NANOS;
    }

    private List<String> wronged() {
      var wronged = new ArrayList<String>(events.givenUp());
      for (var recipient : events.bounces().keySet()) {
        // One whose sender never heard that it was taken may have failed too.
        if (!failing.containsKey(recipient) && domains.of(recipient).hopeless() == null) {
          wronged.add(recipient);
        }
      }
      return wronged;
    }

    private List<String> notified() {
      var told = new LinkedHashMap<String, Integer>();
      for (var delivery : deliveries) {
        if (delivery.sender().isEmpty()) {
          told.merge(delivery.recipient(), 1, Integer::sum);
        }
      }
      var owed = notifies ? owed(failing.keySet()) : Map.<String, Integer>of();
      return ledger.sent().values().stream()
          .map(SimMail::sender)
          .filter(sender -> !told.getOrDefault(sender, 0).equals(owed.getOrDefault(sender, 0)))
          .toList();
    }

    /** How often each sender is to be told: once for each recipient of its mail that failed. */
    private Map<String, Integer> owed(Set<String> failed) {
      var owed = new LinkedHashMap<String, Integer>();
      for (var recipient : failed) {
        var mail = ledger.sent().get(SimMail.numberIn(recipient));
        if (mail != null && ledger.acknowledged().contains(recipient)) {
          owed.merge(mail.sender(), 1, Integer::sum);
        }
      }
      return owed;
    }
  }
}
