package org.flywheelmta.sim;

import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.Set;
import java.util.function.Consumer;
import org.flywheelmta.base.NonThreadSafe;

/** The senders' ledger, whom the server still owes an end, and who is still to be told of one. */
@NonThreadSafe
final class ToldLedger extends OwedLedger {
  // Refused for good, and of them those whose senders are still to be told.
  private final Set<String> untold = new LinkedHashSet<>();
  private final Set<String> refusedForGood = new HashSet<>();
  private final Set<String> told = new HashSet<>();
  private int notifications;

  /**
   * @param onAcknowledged told of each recipient that the server answers for from now on
   */
  ToldLedger(Consumer<String> onAcknowledged) {
    super(onAcknowledged);
  }

  Set<String> untold() {
    return untold;
  }

  /** How many notifications of failures came. */
  int notifications() {
    return notifications;
  }

  String senderOf(String recipient) {
    var mail = sent().get(SimMail.numberIn(recipient));
    return mail == null ? "" : mail.sender();
  }

  /** The gateway has taken it on. */
  void take(SimSmtpSink.Delivery delivery) {
    var recipient = delivery.recipient();
    settle(recipient);
    tell(recipient);
    var notification = delivery.sender().isEmpty() ? Notification.read(delivery.content()) : null;
    if (notification != null && notification.action().equals("failed")) {
      tell(notification.recipient());
      notifications++;
    }
  }

  /** The gateway has refused it for good: its sender is to be told, unless it is one itself. */
  void refuseForGood(String recipient) {
    settle(recipient);
    refusedForGood.add(recipient);
    if (acknowledged().contains(recipient) && !told.contains(recipient)) {
      untold.add(recipient);
    }
    var mail = sent().get(SimMail.numberIn(recipient));
    if (mail != null && recipient.equals(mail.sender())) {
      // A notification was discarded; which one is not known here.
      mail.recipients().forEach(this::tell);
    }
  }

  private void tell(String recipient) {
    told.add(recipient);
    untold.remove(recipient);
  }

  @Override
  public void acknowledge(String recipient) {
    if (refusedForGood.contains(recipient) && !told.contains(recipient)) {
      untold.add(recipient);
    }
    super.acknowledge(recipient);
  }
}
