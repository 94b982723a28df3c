package org.flywheelmta.sim;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.flywheelmta.base.NonThreadSafe;

/** The notifications that arrived, by the recipient of whom they tell. */
@NonThreadSafe
final class Notifications {
  private final Ledger ledger;
  private final Arrivals arrivals;
  private final Map<String, Set<String>> failures = new LinkedHashMap<>();
  private final Map<String, Set<String>> delays = new LinkedHashMap<>();
  private final Map<String, Integer> refusals = new HashMap<>();

  Notifications(Ledger ledger, Arrivals arrivals) {
    this.ledger = ledger;
    this.arrivals = arrivals;
    arrivals.refusals().forEach(recipient -> refusals.merge(recipient, 1, Integer::sum));
  }

  /**
   * Takes one that was sent to the sender of {@code mail}.
   *
   * @return false when it tells of nobody to whom that mail was taken on
   */
  boolean add(Notification notification, SimMail mail) {
    var recipient = notification.recipient();
    if (!mail.recipients().contains(recipient) || ledger.refused().contains(recipient)) {
      return false;
    }
    var of =
        switch (notification.action()) {
          case "failed" -> failures;
          case "delayed" -> delays;
          default -> null;
        };
    if (of == null) {
      return false;
    }
    of.computeIfAbsent(recipient, _ -> new LinkedHashSet<>()).add(notification.id());
    return true;
  }

  /** Whether somebody was told that this recipient's mail failed. */
  boolean toldOf(String recipient) {
    return failures.containsKey(recipient);
  }

  /**
   * Recipients of whom was told what is not so: twice of the same, or of a failure where the
   * gateway refused nothing, or where it took the mail and the server knew.
   *
   * @param known recipients whose delivery the server knew of, and no crash took that away
   */
  List<String> mistold(Set<String> known) {
    var mistold = new ArrayList<String>();
    failures.forEach(
        (recipient, ids) -> {
          boolean refused = arrivals.failed().contains(recipient);
          if (ids.size() > 1 || !refused || known.contains(recipient)) {
            mistold.add(recipient);
          }
        });
    delays.forEach(
        (recipient, ids) -> {
          if (ids.size() > 1) {
            mistold.add(recipient);
          }
        });
    return mistold;
  }

  /**
   * Recipients whose failure nobody was told of, although the server answered for them. A
   * notification that the gateway refuses for good is discarded: as often as it refused the sender
   * of a mail, so many of its failures may be untold.
   */
  List<String> untold(Set<String> delivered) {
    var excuses = new HashMap<>(refusals);
    var untold = new ArrayList<String>();
    for (var recipient : ledger.acknowledged()) {
      boolean failed = arrivals.failed().contains(recipient) && !delivered.contains(recipient);
      if (failed && !failures.containsKey(recipient)) {
        var mail = ledger.sent().get(SimMail.numberIn(recipient));
        var sender = mail == null ? "" : mail.sender();
        if (excuses.merge(sender, -1, Integer::sum) < 0) {
          untold.add(recipient);
        }
      }
    }
    return untold;
  }
}
