package org.flywheelmta.domain;

import java.util.concurrent.ConcurrentLinkedQueue;
import org.flywheelmta.base.ConcurrentThreadSafe;
import org.flywheelmta.base.Limit;

/**
 * The connections of all schedulers together ({@code server_max_outbound_connections}). A record
 * that finds none left is called, in turn, when one comes back.
 */
@ConcurrentThreadSafe
final class ConnectionBudget {
  private final Limit limit;
  private final ConcurrentLinkedQueue<DomainRecord> waiting = new ConcurrentLinkedQueue<>();

  ConnectionBudget(Limit limit) {
    this.limit = limit;
  }

  /** Takes one; otherwise the record's {@code onConnectionRoom} is called when there may be one. */
  boolean tryTake(DomainRecord record) {
    if (limit.tryTake(1)) {
      return true;
    }
    if (record.beginWaitingForRoom()) {
      waiting.offer(record);
    }
    // One that came back before the record stood in the queue called nobody.
    return limit.tryTake(1);
  }

  void release() {
    limit.release(1);
    callNext();
  }

  /**
   * Calls the next that waits while there is room; whoever was called and is served does it too.
   */
  void callNext() {
    if (limit.taken() < limit.maximum()) {
      var record = waiting.poll();
      if (record != null) {
        record.postConnectionRoom();
      }
    }
  }

  long taken() {
    return limit.taken();
  }
}
