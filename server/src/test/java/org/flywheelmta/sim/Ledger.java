package org.flywheelmta.sim;

import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;
import org.flywheelmta.base.NonThreadSafe;

/** What the senders know: which mails they sent, and which of them a server took on. */
@NonThreadSafe
public class Ledger {
  private final Map<Integer, SimMail> sent = new LinkedHashMap<>();
  private final Set<String> acknowledged = new LinkedHashSet<>();
  private final Set<Integer> acknowledgedMails = new LinkedHashSet<>();
  private final Set<String> refused = new LinkedHashSet<>();

  /** Written before the first byte of the mail is sent. */
  public void sending(SimMail mail) {
    if (sent.put(mail.number(), mail) != null) {
      throw new IllegalStateException("mail " + mail.number() + " is sent twice");
    }
  }

  /** The server has said that it will answer for this recipient. */
  public void acknowledge(String recipient) {
    acknowledged.add(recipient);
    acknowledgedMails.add(SimMail.numberIn(recipient));
  }

  /** The server has said that it did not take the mail for this recipient. */
  public void refuse(String recipient) {
    refused.add(recipient);
  }

  /** The mails by number. */
  public Map<Integer, SimMail> sent() {
    return sent;
  }

  /** The recipients that some server answers for. */
  public Set<String> acknowledged() {
    return acknowledged;
  }

  /** How many mails some server answers for, to one recipient at least. */
  public int acknowledgedMails() {
    return acknowledgedMails.size();
  }

  /** The recipients that were refused. */
  public Set<String> refused() {
    return refused;
  }
}
