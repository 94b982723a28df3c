package org.flywheelmta.torture;

import java.time.Duration;

/**
 * How a run beside a crowd goes.
 *
 * @param idle connections that do nothing
 * @param slow connections that do next to nothing
 * @param octetEvery how often each slow one sends an octet
 * @param rounds of each kind
 * @param roundTime how long a round is measured
 * @param warmUp how long the server is warmed up first
 * @param leastRatio what share of their rate honest sessions must keep
 * @param startLimit how long the server may take until it greets, and the crowd until it stands
 * @param drainLimit how long it may take to deliver what it took in
 * @param stopLimit how long it may take to end on SIGTERM
 * @param quiet how long the sink must have heard nothing in the end
 */
record SlowPlan(
    int idle,
    int slow,
    Duration octetEvery,
    int rounds,
    Duration roundTime,
    Duration warmUp,
    double leastRatio,
    Duration startLimit,
    Duration drainLimit,
    Duration stopLimit,
    Duration quiet) {}
