package org.flywheelmta.domain;

import org.flywheelmta.base.Check;
import org.flywheelmta.base.ReadOnlyThreadSafe;
import org.flywheelmta.config.HostPort;
import org.jspecify.annotations.Nullable;

/**
 * The options of one domain that this floor follows, read once per configuration generation.
 *
 * @param maxOutboundConnections {@code max_outbound_connections}: connections open at once; at
 *     least 1
 * @param retryIntervalNanos {@code retry_interval}: pause after the first failed attempt; above 0
 * @param maxRetryIntervalNanos {@code max_retry_interval}: longest pause between two attempts
 * @param messageExpirationNanos {@code message_expiration}: how long after its MAIL command a
 *     message is given up
 * @param hostFailureRetryNanos {@code host_failure_retry}: longest pause in which no connection is
 *     opened after connections or sessions failed; {@code retry_interval} counts instead where it
 *     is smaller
 * @param sessionPatienceNanos {@code session_patience}: how soon sessions at work must come to what
 *     waits, or others are woken or opened; 0 for at once
 * @param maxRecipientsPerBatch {@code max_recipients_per_batch}: recipients in one transaction; at
 *     least 1
 * @param suspendDelivery {@code suspend_delivery}: mail waits, nothing is opened
 * @param blackhole {@code blackhole}: mail is discarded
 * @param gateway {@code gateway}: takes all mail of the domain; null for none
 * @param mxFailuresToDelay {@code mx_failures_to_delay}: failures in a row after which all that
 *     waits is delayed; at least 1
 * @param route how the route is found where there is no gateway
 */
@ReadOnlyThreadSafe
public record DomainPolicy(
    int maxOutboundConnections,
    long retryIntervalNanos,
    long maxRetryIntervalNanos,
    long messageExpirationNanos,
    long hostFailureRetryNanos,
    long sessionPatienceNanos,
    int maxRecipientsPerBatch,
    boolean suspendDelivery,
    boolean blackhole,
    @Nullable HostPort gateway,
    int mxFailuresToDelay,
    RoutePolicy route) {
  public DomainPolicy {
    Check.that(maxOutboundConnections > 0, "max_outbound_connections is not above 0");
    Check.that(retryIntervalNanos > 0, "retry_interval is not above 0");
    Check.that(maxRetryIntervalNanos > 0, "max_retry_interval is not above 0");
    Check.that(messageExpirationNanos >= 0, "message_expiration is negative");
    Check.that(hostFailureRetryNanos > 0, "host_failure_retry is not above 0");
    Check.that(sessionPatienceNanos >= 0, "session_patience is negative");
    Check.that(maxRecipientsPerBatch > 0, "max_recipients_per_batch is not above 0");
    Check.that(mxFailuresToDelay > 0, "mx_failures_to_delay is not above 0");
  }
}
