package org.flywheelmta.torture;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * What the judge says of a run.
 *
 * @param kills how often the server was killed
 * @param findings everything worth a line, also explained duplicates
 * @param incidents what went wrong with the server beside its mails, one sentence each
 */
record Verdict(
    Mails mails, Recipients recipients, int kills, List<Finding> findings, List<String> incidents) {
  /**
   * By ending.
   *
   * @param reports mails about which a report of failure came back
   */
  record Mails(
      long sent, long acknowledged, long refused, long unknown, long unsent, long reports) {}

  /**
   * Pairs of mail and recipient.
   *
   * @param delivered of the acknowledged ones, those delivered at least once
   * @param bounced of the acknowledged ones, those that the sink turned away for good
   * @param beyond delivered ones of mails whose acknowledgement was not read
   */
  record Recipients(long acknowledged, long delivered, long bounced, long beyond) {}

  Verdict with(List<String> moreIncidents) {
    var all = new ArrayList<>(incidents);
    all.addAll(moreIncidents);
    return new Verdict(mails, recipients, kills, findings, List.copyOf(all));
  }

  /** A run that acknowledged nothing has proved nothing, so it is not good. */
  boolean isGood() {
    return lost() == 0
        && damaged() == 0
        && invented() == 0
        && explained() == duplicates()
        && unreported() + misreported() == 0
        && recipients.acknowledged() > 0
        && incidents.isEmpty();
  }

  long lost() {
    return count(Finding.Lost.class);
  }

  long waiting() {
    return count(Finding.Waiting.class);
  }

  long unreported() {
    return count(Finding.Unreported.class);
  }

  long misreported() {
    return count(Finding.Misreported.class);
  }

  long damaged() {
    return count(Finding.Damaged.class);
  }

  long invented() {
    return count(Finding.Invented.class);
  }

  long duplicates() {
    return count(Finding.Duplicate.class);
  }

  /** Duplicates whose 250 came within the outcome window, the slack included. */
  long inWindow() {
    return causes().stream().filter(Finding.Cause.Window.class::isInstance).count();
  }

  /** Duplicates whose end of data was not answered at the kill. */
  long unanswered() {
    return causes().stream().filter(Finding.Cause.Unanswered.class::isInstance).count();
  }

  long explained() {
    return inWindow() + unanswered();
  }

  private long count(Class<? extends Finding> kind) {
    return findings.stream().filter(kind::isInstance).count();
  }

  private List<Finding.Cause> causes() {
    return findings.stream()
        .filter(Finding.Duplicate.class::isInstance)
        .map(finding -> ((Finding.Duplicate) finding).cause())
        .toList();
  }

  /** Findings first, the verdict last. */
  List<String> lines() {
    var lines = new ArrayList<String>();
    findings.forEach(finding -> lines.add(finding.text()));
    incidents.forEach(incident -> lines.add("incident: " + incident));
    lines.add(
        "mails: sent %d  acknowledged %d  refused %d  unknown %d  unsent %d  reported back %d"
            .formatted(
                mails.sent(),
                mails.acknowledged(),
                mails.refused(),
                mails.unknown(),
                mails.unsent(),
                mails.reports()));
    lines.add(
        "recipients: turned away by the sink %d (unreported %d, misreported %d)  waiting %d "
                .formatted(recipients.bounced(), unreported(), misreported(), waiting())
            + " delivered without acknowledgement %d".formatted(recipients.beyond()));
    lines.add(
        "duplicates: 250 just before a kill %d (%d only with the slack, oldest %.1f ms)  "
                .formatted(inWindow(), inSlack(), oldest().toNanos() / 1e6)
            + "250 not yet given at a kill %d  unexplained %d"
                .formatted(unanswered(), duplicates() - explained()));
    if (recipients.acknowledged() == 0) {
      lines.add("nothing was acknowledged, so nothing is proved");
    }
    lines.add("kills %d".formatted(kills));
    lines.add(
        "acknowledged %d  delivered %d  lost %d  damaged %d  invented %d  duplicates %d (explained %d)"
            .formatted(
                recipients.acknowledged(),
                recipients.delivered(),
                lost(),
                damaged(),
                invented(),
                duplicates(),
                explained()));
    lines.add(isGood() ? "good" : "BAD");
    return lines;
  }

  private long inSlack() {
    return causes().stream()
        .filter(cause -> cause instanceof Finding.Cause.Window window && window.slack())
        .count();
  }

  private Duration oldest() {
    return causes().stream()
        .filter(Finding.Cause.Window.class::isInstance)
        .map(cause -> ((Finding.Cause.Window) cause).before())
        .max(Duration::compareTo)
        .orElse(Duration.ZERO);
  }
}
