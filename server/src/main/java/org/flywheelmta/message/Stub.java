package org.flywheelmta.message;

import org.flywheelmta.base.ReadOnlyThreadSafe;
import org.flywheelmta.base.TransactionId;

/**
 * What is kept of a message while only the spool has its envelope and its content.
 *
 * @param index of the recipient in its transaction, from 0
 * @param domain of the recipient, as {@link Address#domain} gives it
 * @param attempts how many deliveries were attempted
 * @param dueMicros when it may be attempted next, wall clock microseconds; 0 for at once. A {@link
 *     Tag#NOT_BEFORE} is in it
 * @param expiryMicros when it expires, where it said so itself ({@link Tag#EXPIRY}), wall clock
 *     microseconds; 0 where the configured lifetime holds
 */
@ReadOnlyThreadSafe
public record Stub(
    TransactionId id, int index, String domain, int attempts, long dueMicros, long expiryMicros) {
  /** The most that its place in a domain record takes on the heap, in the active queue. */
  public static final int RECORD_BYTES = 88;

  /** Bytes that one counts for: its place in a domain record, and what the spool keeps for it. */
  public static final int ENTRY_BYTES = RECORD_BYTES + Message.SPOOL_BYTES;
}
