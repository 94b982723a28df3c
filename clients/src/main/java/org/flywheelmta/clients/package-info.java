/**
 * Clients for whoever tries a mail server out: {@code flywheel send} makes mails and sends them,
 * {@code flywheel sink} takes them, and misbehaves by a script. They speak sockets and files alone
 * and never see the server's classes, so they work with any server.
 *
 * <p>{@link org.flywheelmta.clients.Wire}, {@link org.flywheelmta.clients.Reply}, {@link
 * org.flywheelmta.clients.Greeted} and {@link org.flywheelmta.clients.Offer} are the wire that the
 * torture harness uses too, and a test of anything may start a {@link
 * org.flywheelmta.clients.Receiver} with a {@link org.flywheelmta.clients.Script}, which a server
 * of its own, such as the sink of the torture, follows by a {@link
 * org.flywheelmta.clients.Performer}.
 *
 * <p>Threads: one virtual thread for each session in either direction; they wait for nothing but
 * sockets and the files of a Maildir. What a peer does wrong is a value; what is wrong with the
 * machine, such as a port that is taken, is an exception and ends the command.
 */
@NullMarked
package org.flywheelmta.clients;

import org.jspecify.annotations.NullMarked;
