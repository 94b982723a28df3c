package org.flywheelmta.domain;

import org.flywheelmta.base.ReadOnlyThreadSafe;

/**
 * How a domain record stood at one moment.
 *
 * @param name of the record
 * @param active messages that want to be delivered now
 * @param delayed messages that wait for their time
 * @param delivering messages that sessions have
 * @param sessions connections open or being opened
 * @param suspended whether delivery is suspended
 */
@ReadOnlyThreadSafe
public record DomainSnapshot(
    String name, int active, int delayed, int delivering, int sessions, boolean suspended) {
  /** All messages of the record. */
  public int messages() {
    return active + delayed + delivering;
  }
}
