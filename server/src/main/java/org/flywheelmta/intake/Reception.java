package org.flywheelmta.intake;

import java.util.List;
import org.flywheelmta.base.TransactionId;
import org.flywheelmta.event.Tls;
import org.flywheelmta.message.Address;
import org.flywheelmta.message.Fields;
import org.jspecify.annotations.Nullable;

/**
 * A transaction as a session has received it, before it is durable.
 *
 * @param id chosen when its content began
 * @param connectionId the connection that brought it
 * @param beganNanos monotonic clock when its content began
 * @param sender envelope sender
 * @param fields tagged values of the whole transaction
 * @param recipients in the order in which they were given, at least one
 * @param origin where it came from
 */
public record Reception(
    TransactionId id,
    long connectionId,
    long beganNanos,
    Address sender,
    Fields fields,
    List<Recipient> recipients,
    Origin origin) {

  /**
   * One recipient.
   *
   * @param fields tagged values of this recipient
   */
  public record Recipient(Address address, Fields fields) {}

  /**
   * Where a transaction came from.
   *
   * @param listener name of the listener
   * @param peer address and port of the client
   * @param tls how its connection was secured; null for one in clear
   */
  public record Origin(String listener, String peer, @Nullable Tls tls) {
    /** In clear, or from within. */
    public Origin(String listener, String peer) {
      this(listener, peer, null);
    }
  }
}
