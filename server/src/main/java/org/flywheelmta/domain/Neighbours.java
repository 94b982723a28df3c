package org.flywheelmta.domain;

import org.flywheelmta.base.Admission;
import org.flywheelmta.base.MemoryBudget;
import org.flywheelmta.base.OperatorLog;
import org.flywheelmta.base.ReadOnlyThreadSafe;
import org.flywheelmta.event.EventLog;
import org.flywheelmta.spool.Spool;

/**
 * Whom the domain floor works with.
 *
 * @param policies options of domains
 * @param router where mail goes
 * @param method how it travels
 * @param spool keeps outcomes and gives content back
 * @param events is told of every outcome
 * @param bounces tells senders what became of their mail
 * @param operator is told what people should look at
 * @param memory the budget of content in memory, which this floor reads and does not take from
 * @param queueMemory the budget of messages: what this floor has there is counted, and never
 *     refused
 */
@ReadOnlyThreadSafe
public record Neighbours(
    DomainPolicies policies,
    Router router,
    DeliveryMethod method,
    Spool spool,
    EventLog events,
    Bounces bounces,
    OperatorLog operator,
    MemoryBudget memory,
    MemoryBudget queueMemory) {
  /** Whether outcomes can be kept, so that deliveries may begin. */
  boolean outcomesAreKept() {
    return spool.level() != Admission.Level.PAUSED && events.level() != Admission.Level.PAUSED;
  }

  /** Whether what waits is to leave memory: the rest of the budget is for what comes in. */
  boolean memoryIsShort() {
    return memory.taken() > memory.maximum() / 2;
  }
}
