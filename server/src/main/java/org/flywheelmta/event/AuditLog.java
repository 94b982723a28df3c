package org.flywheelmta.event;

import org.flywheelmta.base.ConcurrentThreadSafe;

/** Where it is written down who authenticated, who failed to, and who changed accounts. */
@ConcurrentThreadSafe
@FunctionalInterface
public interface AuditLog {
  /** Writes an event down, from any thread, without blocking it. */
  void write(AuditEvent event);
}
