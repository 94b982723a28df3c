package org.flywheelmta.torture;

import java.util.List;

/** Adds up the mails of a history. For one thread. */
final class Tally {
  private long mails;
  private long acknowledgedMails;
  private long refusedMails;
  private long unknownMails;
  private long unsentMails;
  private long acknowledged;
  private long delivered;
  private long bounced;
  private long beyond;
  private long reports;

  void add(MailFate mail) {
    mails++;
    if (mail.isReported()) {
      reports++;
    }
    switch (mail.ending()) {
      case ACKNOWLEDGED -> {
        acknowledgedMails++;
        acknowledged += mail.recipients().size();
        delivered += mail.recipients().stream().filter(mail::isDelivered).count();
        bounced += mail.recipients().stream().filter(mail::isBounced).count();
      }
      case REFUSED -> refusedMails++;
      case UNKNOWN -> {
        unknownMails++;
        beyond += mail.recipients().stream().filter(mail::isDelivered).count();
      }
      case UNSENT -> unsentMails++;
    }
  }

  Verdict verdict(int kills, List<Finding> findings) {
    return new Verdict(
        new Verdict.Mails(
            mails, acknowledgedMails, refusedMails, unknownMails, unsentMails, reports),
        new Verdict.Recipients(acknowledged, delivered, bounced, beyond),
        kills,
        List.copyOf(findings),
        List.of());
  }
}
