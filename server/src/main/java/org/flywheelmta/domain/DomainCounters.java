package org.flywheelmta.domain;

import java.util.List;
import org.flywheelmta.base.ConcurrentThreadSafe;
import org.flywheelmta.base.Counter;

/** What this floor counts, over all schedulers since the start. */
@ConcurrentThreadSafe
public final class DomainCounters {
  public final Counter enqueued = new Counter("flywheel_domain_messages_enqueued_total");
  public final Counter recovered = new Counter("flywheel_domain_messages_recovered_total");
  public final Counter delivered = new Counter("flywheel_domain_messages_delivered_total");
  public final Counter transientFailures = new Counter("flywheel_domain_transient_failures_total");
  public final Counter permanentFailures = new Counter("flywheel_domain_permanent_failures_total");
  public final Counter expired = new Counter("flywheel_domain_messages_expired_total");
  public final Counter discarded = new Counter("flywheel_domain_messages_discarded_total");
  public final Counter sessions = new Counter("flywheel_domain_sessions_opened_total");
  public final Counter sessionFailures = new Counter("flywheel_domain_session_failures_total");
  public final Counter stuckSessions = new Counter("flywheel_domain_sessions_stuck_total");

  /** All of them. */
  public List<Counter> all() {
    return List.of(
        enqueued,
        recovered,
        delivered,
        transientFailures,
        permanentFailures,
        expired,
        discarded,
        sessions,
        sessionFailures,
        stuckSessions);
  }
}
