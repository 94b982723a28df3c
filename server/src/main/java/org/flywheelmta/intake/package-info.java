/**
 * Floor 10: what every protocol does with a message that it has received: validate it, split it
 * into one message per recipient, make it durable, tell the event log, and hand it over to the
 * domain records.
 *
 * <p>A protocol sees a {@link org.flywheelmta.intake.MailTaker}, of which {@link
 * org.flywheelmta.intake.Intake} is the one from where mail goes on. It is called from the
 * session's scheduler and answers there. It may use the floors below; it owns no thread, and
 * refusals are values.
 */
@NullMarked
package org.flywheelmta.intake;

import org.jspecify.annotations.NullMarked;
