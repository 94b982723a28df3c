/**
 * Floor 4: mail events, one structured record for each thing that happens to a message, the audit,
 * and the operator log.
 *
 * <p>Events are put into a bounded ring ({@link org.flywheelmta.event.EventLog}) by schedulers and
 * written by a worker of its own as lines of JSON, {@code docs/events.md} has the schema. When the
 * writer cannot keep up, or its disk fails, events stay in the ring, and intake and delivery slow
 * down by {@link org.flywheelmta.base.Admission}. Beside each file stands an index by transaction
 * and recipient, which {@code IndexDuty} sorts when the file is finished; {@link
 * org.flywheelmta.event.EventSearch} finds events by it. The operator log ({@link
 * org.flywheelmta.event.LineOperatorLog}) has a worker of its own too; it leaves lines out rather
 * than hold anybody up, and says how many. The audit ({@link org.flywheelmta.event.AuditLog}) does
 * the same with one of its own, and {@code docs/audit.md} has its schema.
 *
 * <p>Nobody who calls in here is ever blocked: its workers alone touch the disk. The room may use
 * the floors below, and of Netty its internal logger only; message, spool and domain stand above,
 * so an event holds plain values.
 */
@NullMarked
package org.flywheelmta.event;

import org.jspecify.annotations.NullMarked;
