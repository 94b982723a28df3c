package org.flywheelmta.scheduler;

/**
 * What a {@link ThreadPool} does, as read while it does it: the figures are each right, and may be
 * a step apart from each other.
 *
 * @param concurrency how many threads it may have
 * @param threads how many it has; more than its concurrency while jobs end after it was shrunk
 * @param busy jobs that run
 * @param waiting jobs that wait for a thread
 * @param taken jobs that were taken so far
 * @param completed jobs that have run so far, whether they failed or not
 * @param refused jobs that found the backlog full so far
 * @param longestWaitNanos the longest that a job has waited so far, one that still waits included
 */
public record PoolStatistics(
    int concurrency,
    int threads,
    int busy,
    int waiting,
    long taken,
    long completed,
    long refused,
    long longestWaitNanos) {}
