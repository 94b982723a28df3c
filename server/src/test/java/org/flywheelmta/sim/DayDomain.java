package org.flywheelmta.sim;

import java.util.List;
import org.flywheelmta.base.ReadOnlyThreadSafe;
import org.jspecify.annotations.Nullable;

/**
 * A domain that mail is sent to in a day.
 *
 * @param name as in addresses
 * @param weight its share of the mail, against those of the others
 * @param hopeless what is counted when mail for it is taken, which cannot but fail for good; null
 *     where it can be delivered
 * @param homes the hosts that may take its mail, at one time or another
 * @param record the name under which its mail queues
 * @param connections the most that may be open for that
 * @param batch the most recipients of one transaction
 * @param maxRetryNanos the longest time between two attempts, spread aside
 */
@ReadOnlyThreadSafe
record DayDomain(
    String name,
    int weight,
    @Nullable Fault hopeless,
    List<MxHost> homes,
    String record,
    int connections,
    int batch,
    long maxRetryNanos) {}
