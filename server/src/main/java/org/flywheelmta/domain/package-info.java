/**
 * Floor 8: domain records with their mail queues, and the maintainer that decides how many
 * connections a queue deserves.
 *
 * <p>A domain record belongs to one scheduler, chosen by a hash of its name over the delivery pool;
 * everything about it happens there, without locks, and everyone else hands over. Queues are driven
 * by events and timers, never scanned. How messages travel is a {@link
 * org.flywheelmta.domain.DeliveryMethod}, implemented by each protocol's room above.
 *
 * <p>It may use the floors below. A broken invariant stops the process, whose spool is the
 * recovery.
 */
@NullMarked
package org.flywheelmta.domain;

import org.jspecify.annotations.NullMarked;
