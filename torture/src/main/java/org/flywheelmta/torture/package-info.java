/**
 * The torture harness: a black box that speaks sockets, files and signals, never sees the server's
 * classes, and judges the server by its promises alone.
 *
 * <p>The {@link org.flywheelmta.torture.Generator} sends mails and keeps a {@link
 * org.flywheelmta.torture.Ledger}: each mail is on the disk before it is sent, each acknowledgement
 * before it counts. The {@link org.flywheelmta.torture.Sink} receives what the server delivers,
 * misbehaves on purpose, and keeps a {@link org.flywheelmta.torture.SinkRecord}. The {@link
 * org.flywheelmta.torture.Killer} starts the server, kills it with SIGKILL at seeded moments,
 * restarts it, lets it drain, and keeps a {@link org.flywheelmta.torture.KillRecord}. Those three
 * files are all that the {@link org.flywheelmta.torture.Judge} needs, by way of {@link
 * org.flywheelmta.torture.History}; a run can be judged again long after. How a server is ended is
 * a {@link org.flywheelmta.torture.Cut}: by SIGKILL, or by taking the power from a {@link
 * org.flywheelmta.torture.LoopVolume} that its data lies on.
 *
 * <p>Two more commands measure. {@link org.flywheelmta.torture.SlowRun} holds honest sessions
 * beside a {@link org.flywheelmta.torture.Crowd}; {@link org.flywheelmta.torture.MixRun} lets mails
 * arrive by the clock. Both send by an {@link org.flywheelmta.torture.Offering}, which prepares
 * mails ahead of their time, and both end with the same judge. A benchmark uses the offering too,
 * with a {@link org.flywheelmta.torture.Witness} and without a ledger that is kept, and the crowd.
 *
 * <p>Threads: one platform thread per session of the strict generator, because it waits for the
 * disk, which would hold the few carriers of virtual ones. Sessions of an offering and of the sink
 * are virtual threads and wait for nothing but sockets; a planner and a writer have threads of
 * their own for the disk. The crowd is one thread with a selector. Failures of the harness itself
 * (its disk, its ports) are exceptions and end the run without a verdict; whatever the server does
 * is a value and ends in the verdict.
 */
@NullMarked
package org.flywheelmta.torture;

import org.jspecify.annotations.NullMarked;
