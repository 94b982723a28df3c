/**
 * What is left of a mail server when all that makes it one is taken away: the floor that this
 * machine, the JVM and Netty set under any server that keeps its promise before it gives it.
 *
 * <p>An {@link org.flywheelmta.bench.bare.Intake} speaks the server's side of SMTP as far as {@code
 * smtp-source} needs it, finds the end of the data and keeps the octets in the buffers that they
 * came in, as a {@link org.flywheelmta.bench.bare.Letter}. The one thread of {@link
 * org.flywheelmta.bench.bare.Committer} takes all letters that wait, puts them through a {@link
 * org.flywheelmta.bench.bare.CommitDoor} with one forced write, and posts them back to their loops,
 * one post for each loop. Only then is the 250 written, and a {@link
 * org.flywheelmta.bench.bare.Forwarder} sends them on over kept connections with a pipelined
 * envelope. Nothing reads the file again: what is not forwarded when the process ends is lost.
 *
 * <p>Threads: a session, a forwarder and its connections belong to one event loop. A letter belongs
 * to its loop, but to the committer between its handing over and its coming back. Whatever a peer
 * can fill has a limit in {@link org.flywheelmta.bench.bare.Limits}. A peer that speaks otherwise
 * than expected loses its connection; a disk that fails ends the process.
 */
@NullMarked
package org.flywheelmta.bench.bare;

import org.jspecify.annotations.NullMarked;
