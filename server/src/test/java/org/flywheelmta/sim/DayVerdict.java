package org.flywheelmta.sim;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.flywheelmta.base.ReadOnlyThreadSafe;

/**
 * What became of a day's mail.
 *
 * @param verdict what holds of any mail
 * @param late recipients that can be reached and were not within two of their domain's longest
 *     retry intervals after the faults ended
 * @param astray recipients whose mail went to a host that their domain never named
 * @param unlogged recipients that failed for good without an event that says so
 * @param wronged recipients that can be reached, or did not refuse, and were said to have failed
 */
@ReadOnlyThreadSafe
public record DayVerdict(
    Verdict verdict,
    List<String> late,
    List<String> astray,
    List<String> unlogged,
    List<String> wronged) {
  /** True when all mail became what it should. */
  public boolean good() {
    return faults().isEmpty();
  }

  /** What is not good, in one line. */
  public String faults() {
    var text = new StringBuilder(verdict.faults());
    Verdict.tell(text, "late", late);
    Verdict.tell(text, "astray", astray);
    Verdict.tell(text, "unlogged", unlogged);
    Verdict.tell(text, "wronged", wronged);
    return text.toString();
  }

  /**
   * What a day leaves behind.
   *
   * @param failing recipients that the server answered for, whose end was a failure, and when each
   *     had left it
   * @param hosts which of them took each delivery on
   * @param endNanos when the faults ended
   */
  record Evidence(
      Ledger ledger,
      DomainsOfDay domains,
      Map<String, Long> failing,
      Arrivals arrivals,
      List<MxHost> hosts,
      EventsOfDay events,
      List<Verdict.Crash> crashes,
      long endNanos) {
    // An event is written at once, unless a crash comes between.
    private static final long EVENT_NANOS = 1_000_000_000L;
    private static final long RETRY_SPREAD = 10;

    DayVerdict judge() {
      return new DayVerdict(
          Verdict.judge(ledger, arrivals, crashes), late(), astray(), unlogged(), wronged());
    }

    private List<String> late() {
      var first = new LinkedHashMap<String, Long>();
      arrivals.deliveries().forEach(d -> first.putIfAbsent(d.recipient(), d.takenNanos()));
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
      for (int i = 0; i < hosts.size(); i++) {
        var recipient = arrivals.deliveries().get(i).recipient();
        if (!domains.of(recipient).homes().contains(hosts.get(i))) {
          astray.add(recipient + " at " + hosts.get(i));
        }
      }
      return astray;
    }

    private List<String> unlogged() {
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
        if (!arrivals.failed().contains(recipient)) {
          wronged.add(recipient);
        }
      }
      return wronged;
    }
  }
}
