package org.flywheelmta.torture;

import java.time.Duration;

/**
 * How a killer goes about it.
 *
 * @param cycles how often the server is started and killed
 * @param shortest the earliest kill after a greeting
 * @param longest the latest
 * @param earlyShare of the kills, 0 to 1, those whose time runs from the start of the process
 *     instead, so that they meet the server while it recovers
 * @param startLimit how long a server may take until it greets
 * @param drainLimit how long it may take to deliver everything in the end
 * @param stopLimit how long it may take to end on SIGTERM
 * @param quiet how long the sink must have heard nothing before the drain is over
 * @param seed chooses the moments
 */
record KillPlan(
    int cycles,
    Duration shortest,
    Duration longest,
    double earlyShare,
    Duration startLimit,
    Duration drainLimit,
    Duration stopLimit,
    Duration quiet,
    long seed) {}
