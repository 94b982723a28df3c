package org.flywheelmta.torture;

import java.time.Duration;

/**
 * How an open-loop run goes.
 *
 * @param times the rate is this many times the measured capacity, unless the load has a rate
 * @param measure how long the capacity is measured
 * @param memoryBudgetBytes what the server's processes may hold, 0 for any
 * @param startLimit how long the server may take until it greets
 * @param drainLimit how long it may take to deliver what it took in
 * @param stopLimit how long it may take to end on SIGTERM
 * @param quiet how long the sink must have heard nothing in the end
 */
record MixPlan(
    double times,
    Duration measure,
    Patience patience,
    long memoryBudgetBytes,
    Duration startLimit,
    Duration drainLimit,
    Duration stopLimit,
    Duration quiet) {}
