/**
 * Floor 4: mail events, one structured record for each thing that happens to a message, and the
 * operator log.
 *
 * <p>Events are put into a bounded ring by schedulers and written by a worker of its own as lines
 * of JSON. When the writer cannot keep up, intake and delivery slow down; events are not lost. It
 * may use the floors below; message, spool and domain stand above, so an event holds plain values.
 */
@NullMarked
package org.flywheelmta.event;

import org.jspecify.annotations.NullMarked;
