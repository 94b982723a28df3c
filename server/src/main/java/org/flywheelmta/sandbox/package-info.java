/**
 * Floor 12, the sandbox: a listener whose mail ends in a Maildir, so that a newcomer sees a mail go
 * round and nothing leaves the machine.
 *
 * <p>Its sessions are those of {@code smtp}; what they receive is taken by a Maildir in place of
 * the intake. One worker, {@code sandbox}, owns the folder: it writes each mail to {@code tmp/},
 * forces it, renames it into {@code new/}, and only then is it answered. What waits for the worker
 * is bounded, the folder is too: the oldest mails are deleted, and never a file that the sandbox
 * did not write.
 *
 * <p>A disk that fails is an answer: 452 where it is full, 451 else, and the delivery that brought
 * the mail tries again. A kill leaves at most files in {@code tmp/}, which the next start removes;
 * none of them was answered.
 */
@NullMarked
package org.flywheelmta.sandbox;

import org.jspecify.annotations.NullMarked;
