/**
 * Floor 12: tells senders by mail what became of theirs (RFC 3461, RFC 3464): that it failed, is
 * late, or was passed on to a host that will not tell.
 *
 * <p>{@link org.flywheelmta.bounce.BounceRoom} implements what the domain floor declares. It is
 * asked on the scheduler of a message's record, reads the content back where that is to be quoted,
 * makes the notification and gives it to {@link org.flywheelmta.intake.Intake} like any other mail,
 * without a session. The outcome of the message travels in the notification's transaction ({@link
 * org.flywheelmta.spool.Settlement}), so that a crash leaves the one or the other. {@code Report}
 * has the words, {@code Quoted} what is quoted.
 *
 * <p>A loop cannot come about: notifications have the null sender, and nobody is told of mail that
 * has it.
 *
 * <p>It may use the floors below. It owns no thread and keeps nothing but options that it looked
 * up. What finds no room is refused, and the domain floor tries again later.
 */
@NullMarked
package org.flywheelmta.bounce;

import org.jspecify.annotations.NullMarked;
