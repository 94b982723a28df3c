/**
 * Floor 10: what every protocol does with a message that it has received: validate it, split it
 * into one message per recipient, make it durable, tell the event log, and hand it over to the
 * domain records.
 *
 * <p>A protocol calls {@link org.flywheelmta.intake.Intake} from its session's scheduler and gets
 * its answer there. It may use the floors below; it owns no thread, and refusals are values.
 */
@NullMarked
package org.flywheelmta.intake;

import org.jspecify.annotations.NullMarked;
