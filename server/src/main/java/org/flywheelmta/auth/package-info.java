/**
 * Floor 9: accounts and SASL (decision 24), without any protocol's framing.
 *
 * <p>A protocol room asks {@link org.flywheelmta.auth.Authenticator#offered} what to offer on a
 * connection, begins the mechanism that the client names, and feeds its decoded messages to the
 * {@link org.flywheelmta.auth.SaslExchange}:
 *
 * <pre>{@code
 * var exchange = authenticator.begin(scheduler, policy, connection, mechanism, listener);
 * exchange.begin(initialResponse);   // null where the client sent none
 * // listener.onChallenge(text): encode it and send it; what comes back goes to:
 * exchange.respond(decoded);
 * // listener.onOutcome(outcome): a success, or a kind of failure; the end
 * exchange.cancel();                 // the client gave up, or is gone
 * }</pre>
 *
 * <p>For outgoing connections {@link org.flywheelmta.auth.SaslClient#choose} takes the best that a
 * server offers. Accounts come from an {@link org.flywheelmta.auth.AccountSource}; {@link
 * org.flywheelmta.auth.GuessLimiter} says who may try; each success and failure is a line of the
 * {@link org.flywheelmta.event.AuditLog}.
 *
 * <p>It owns no thread. Exchanges belong to the scheduler of their connection; what is shared is
 * read-only or lock-free. Files and databases are read on the {@code IO} pool, passwords hashed on
 * the {@code CPU} pool. Failures are values: a source that fails or a full pool is {@link
 * org.flywheelmta.auth.Outcome.Failure#UNAVAILABLE}. It may use the floors below, and ICU for
 * SASLprep.
 */
@NullMarked
package org.flywheelmta.auth;

import org.jspecify.annotations.NullMarked;
