package org.flywheelmta.sim;

import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.Set;
import java.util.function.Consumer;
import org.flywheelmta.base.NonThreadSafe;

/** The senders' ledger, and whom the server still owes an end. */
@NonThreadSafe
class OwedLedger extends Ledger {
  private final Consumer<String> onAcknowledged;
  private final Set<String> open = new LinkedHashSet<>();
  private final Set<String> settled = new HashSet<>();

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

  /** A host has taken it on, or refused it for good. */
  final void settle(String recipient) {
    settled.add(recipient);
    open.remove(recipient);
  }

  @Override
  public void acknowledge(String recipient) {
    super.acknowledge(recipient);
    if (!settled.contains(recipient)) {
      open.add(recipient);
    }
    onAcknowledged.accept(recipient);
  }
}
