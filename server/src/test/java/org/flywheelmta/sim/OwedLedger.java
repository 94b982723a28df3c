package org.flywheelmta.sim;

import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.Set;
import java.util.function.Consumer;
import org.flywheelmta.base.NonThreadSafe;

/** The senders' ledger, and whom the server still owes an end. */
@NonThreadSafe
final class OwedLedger extends Ledger {
  private final Consumer<String> onAcknowledged;
  private final Set<String> open = new LinkedHashSet<>();
  private final Set<String> settled = new HashSet<>();
  // Those that failed for good, and of them those whose senders are still to be told.
  private final Set<String> untold = new LinkedHashSet<>();
  private final Set<String> failed = new LinkedHashSet<>();
  private final Set<String> told = new HashSet<>();
  private int notifications;

  /**
   * @param onAcknowledged told of each recipient that the server answers for from now on
   */
  OwedLedger(Consumer<String> onAcknowledged) {
    this.onAcknowledged = onAcknowledged;
  }

  /** The recipients that the server must have somewhere. */
  Set<String> open() {
    return open;
  }

  /**
   * Throws when the server has one of whom it owes an end nowhere, or neither one that failed for
   * good nor a notification to its sender.
   *
   * @param there the recipients of all messages that it has
   */
  void check(Set<String> there) {
    if (!there.containsAll(open)) {
      long gone = open.stream().filter(recipient -> !there.contains(recipient)).count();
      var first = open.stream().filter(recipient -> !there.contains(recipient)).findFirst();
      throw new AssertionError(
          "the server answers for "
              + gone
              + " recipients that it has nowhere, first "
              + first.orElseThrow());
    }
    for (var recipient : untold) {
      if (!there.contains(recipient) && !there.contains(senderOf(recipient))) {
        throw new AssertionError("nobody will be told that the mail to " + recipient + " failed");
      }
    }
  }

  private String senderOf(String recipient) {
    var mail = sent().get(SimMail.numberIn(recipient));
    return mail == null ? "" : mail.sender();
  }

  /** Those that failed for good. */
  Set<String> failed() {
    return failed;
  }

  /** How many notifications of failures have arrived. */
  int notifications() {
    return notifications;
  }

  /** A host has taken it on. */
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

  /**
   * A host has refused it for good, or nobody takes it: its sender is to be told, unless it is one
   * itself.
   */
  void fail(String recipient) {
    settle(recipient);
    failed.add(recipient);
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

  private void settle(String recipient) {
    settled.add(recipient);
    open.remove(recipient);
  }

  @Override
  public void acknowledge(String recipient) {
    super.acknowledge(recipient);
    if (!settled.contains(recipient)) {
      open.add(recipient);
    } else if (failed.contains(recipient) && !told.contains(recipient)) {
      untold.add(recipient);
    }
    onAcknowledged.accept(recipient);
  }
}
