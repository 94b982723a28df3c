/**
 * Floor 1: schedulers, their timed events, thread pools, and workers with a thread of their own.
 *
 * <p>A scheduler is one thread that multiplexes time and I/O and never blocks. What blocks goes to
 * a {@link org.flywheelmta.scheduler.ThreadPool} and completes back on the scheduler that asked;
 * what runs for as long as the server does, such as the spool's commit thread, is a {@link
 * org.flywheelmta.scheduler.Duty} on a {@link org.flywheelmta.scheduler.Worker}. All of them come
 * from one {@link org.flywheelmta.scheduler.Platform}: over threads in production, stepped one task
 * at a time from a seed in a simulation.
 *
 * <p>It may use {@code base} and Netty. A task that throws on a scheduler is a bug: it is told to
 * the platform's fault handler, which in production stops the process.
 */
@NullMarked
package org.flywheelmta.scheduler;

import org.jspecify.annotations.NullMarked;
