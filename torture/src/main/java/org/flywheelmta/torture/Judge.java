package org.flywheelmta.torture;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * The oracle: holds a {@link History} against what a server promises.
 *
 * <ul>
 *   <li>Every recipient of an acknowledged mail gets it, or is turned away by the sink.
 *   <li>What arrives is what was sent.
 *   <li>What was not acknowledged arrives whole or not at all; what was refused, or never sent to
 *       the end, does not arrive.
 *   <li>Nothing arrives twice, except where a kill excuses it: the earlier copy came over a
 *       connection of the server that was killed, its 250 was written at most a window before the
 *       kill or after it, and the next copy came from a later server.
 *   <li>Whom the sink turns away for good is reported to the sender in one notification, whose
 *       copies follow the same rule; nobody else is.
 *   <li>Whom the script of the sink puts off to the end waits, and is not lost.
 * </ul>
 *
 * @param outcomeWindow how long before a kill an outcome may be forgotten
 * @param slack added to it, because the sink stamps its replies in one thread, the server reads
 *     them in another, and the machine may run neither for a while
 * @param reports whether the server reports failures at all
 */
record Judge(Duration outcomeWindow, Duration slack, boolean reports) {
  /**
   * @param waiting recipients that the server itself says are in its spool; null where it was not
   *     asked, and those wait whom the sink's script holds
   */
  Verdict judge(History history, @Nullable Set<String> waiting) {
    var findings = new ArrayList<Finding>();
    var tally = new Tally();
    for (String stranger : history.strangers()) {
      findings.add(new Finding.Invented(stranger));
    }
    for (var mail : history.mails()) {
      tally.add(mail);
      invented(mail, ending(mail, history.kills()), history, waiting, findings);
      if (mail.ending() == MailFate.Ending.ACKNOWLEDGED) {
        for (String recipient : mail.open()) {
          findings.add(
              waits(mail, recipient, history, waiting)
                  ? new Finding.Waiting(recipient, waiting != null)
                  : new Finding.Lost(recipient));
        }
      }
      for (var copy : mail.copies()) {
        if (!copy.damage().isEmpty()) {
          findings.add(new Finding.Damaged(copy.recipient(), copy.damage()));
        }
      }
      duplicates(mail.copies(), MailFate.Copy::recipient, history.kills(), findings);
      reports(mail, history, waiting, findings);
    }
    return tally.verdict(history.kills().size(), findings);
  }

  /** The server's word counts where it was asked, since it may have lost what a script held. */
  private static boolean waits(
      MailFate mail, String recipient, History history, @Nullable Set<String> waiting) {
    return waiting != null ? waiting.contains(recipient) : history.isHeld(mail, recipient);
  }

  /** A listing cannot tell the recipient of a report from the sender of another mail. */
  private static boolean reportWaits(
      MailFate mail, String recipient, History history, @Nullable Set<String> waiting) {
    boolean listed =
        waiting != null
            && (waiting.contains(recipient) || waiting.contains(Address.sender(mail.id())));
    return listed || history.isReportHeld(mail);
  }

  /**
   * A refusal that was read while the server was being killed says nothing: a server of several
   * processes dies one by one, and the one that replies may outlive the one that commits.
   */
  private MailFate.Ending ending(MailFate mail, List<Kill> kills) {
    if (mail.ending() != MailFate.Ending.REFUSED) {
      return mail.ending();
    }
    long slackMicros = slack.toNanos() / 1_000;
    boolean dying =
        kills.stream()
            .anyMatch(
                kill ->
                    mail.endedMicros() >= kill.sentMicros()
                        && mail.endedMicros() <= kill.goneMicros() + slackMicros);
    return dying ? MailFate.Ending.UNKNOWN : MailFate.Ending.REFUSED;
  }

  private static void invented(
      MailFate mail,
      MailFate.Ending ending,
      History history,
      @Nullable Set<String> waiting,
      List<Finding> findings) {
    var reached = mail.reached();
    switch (ending) {
      case REFUSED, UNSENT -> {
        String why = ending == MailFate.Ending.REFUSED ? "refused" : "never sent to the end";
        for (String recipient : reached) {
          findings.add(new Finding.Invented(recipient + " got a mail that was " + why));
        }
      }
      case ACKNOWLEDGED, UNKNOWN -> {
        for (String recipient : reached) {
          if (!mail.recipients().contains(recipient)) {
            findings.add(new Finding.Invented(recipient + " was no recipient of " + mail.id()));
          }
        }
        var missing = mail.open().stream().filter(r -> !waits(mail, r, history, waiting)).toList();
        if (ending == MailFate.Ending.UNKNOWN
            && !missing.isEmpty()
            && missing.size() < mail.recipients().size()) {
          findings.add(
              new Finding.Invented(
                  mail.id() + " was not acknowledged and came in part, not for " + missing));
        }
      }
    }
  }

  private void reports(
      MailFate mail, History history, @Nullable Set<String> waiting, List<Finding> findings) {
    var kills = history.kills();
    var byRecipient =
        mail.reports().stream().collect(Collectors.groupingBy(MailFate.Report::recipient));
    byRecipient.forEach(
        (recipient, told) -> {
          long notifications = told.stream().map(MailFate.Report::id).distinct().count();
          if (!mail.isBounced(recipient) && !bouncedAgain(mail, recipient, told, kills)) {
            findings.add(new Finding.Misreported(recipient, "was not turned away"));
          } else if (notifications > 1) {
            findings.add(new Finding.Misreported(recipient, "was reported more than once"));
          }
          var copies = told.stream().map(MailFate.Report::copy).toList();
          duplicates(copies, copy -> told.getFirst().id(), kills, findings);
        });
    if (reports && mail.ending() == MailFate.Ending.ACKNOWLEDGED) {
      for (String recipient : mail.recipients()) {
        if (mail.isBounced(recipient) && !byRecipient.containsKey(recipient)) {
          findings.add(
              reportWaits(mail, recipient, history, waiting)
                  ? new Finding.Waiting(recipient, !history.isReportHeld(mail))
                  : new Finding.Unreported(recipient));
        }
      }
    }
  }

  /**
   * Whether a kill excuses that a recipient who had got the mail was tried again, when its sender
   * was turned away.
   */
  private boolean bouncedAgain(
      MailFate mail, String recipient, List<MailFate.Report> told, List<Kill> kills) {
    var report = told.getFirst().copy();
    return mail.isSenderRefused()
        && mail.copies().stream()
            .filter(copy -> copy.recipient().equals(recipient))
            .anyMatch(copy -> !(cause(copy, report, kills) instanceof Finding.Cause.None));
  }

  private void duplicates(
      List<MailFate.Copy> all,
      Function<MailFate.Copy, String> key,
      List<Kill> kills,
      List<Finding> findings) {
    if (all.size() < 2) {
      return;
    }
    for (var copies : all.stream().collect(Collectors.groupingBy(key)).values()) {
      var ordered =
          copies.stream()
              .sorted(
                  Comparator.<MailFate.Copy>comparingInt(copy -> server(kills, copy.openedMicros()))
                      .thenComparingLong(MailFate.Copy::saidMicros))
              .toList();
      for (int i = 0; i + 1 < ordered.size(); i++) {
        var cause = cause(ordered.get(i), ordered.get(i + 1), kills);
        findings.add(new Finding.Duplicate(ordered.get(i).recipient(), cause));
      }
    }
  }

  /** How many servers had been killed, and were gone, by then. */
  private static int server(List<Kill> kills, long micros) {
    int low = 0;
    int high = kills.size();
    while (low < high) {
      int middle = (low + high) / 2;
      if (kills.get(middle).goneMicros() <= micros) {
        low = middle + 1;
      } else {
        high = middle;
      }
    }
    return low;
  }

  private Finding.Cause cause(MailFate.Copy earlier, MailFate.Copy later, List<Kill> kills) {
    int server = server(kills, earlier.openedMicros());
    if (server(kills, later.openedMicros()) == server) {
      return new Finding.Cause.None("the same server sent it twice");
    }
    var kill = kills.get(server);
    int name = server + 1;
    if (earlier.saidMicros() >= kill.sentMicros()) {
      return new Finding.Cause.Unanswered(name);
    }
    long beforeMicros = kill.sentMicros() - earlier.saidMicros();
    var before = Duration.ofNanos(beforeMicros * 1_000);
    if (before.compareTo(outcomeWindow.plus(slack)) <= 0) {
      return new Finding.Cause.Window(name, before, before.compareTo(outcomeWindow) > 0);
    }
    return new Finding.Cause.None(
        "its 250 was given %d ms before kill %d".formatted(before.toMillis(), name));
  }
}
