/**
 * Floor 11, the room of SMTP: the listener's sessions, which take mail in, and the delivery client,
 * which brings it to the next host (RFC 5321, 1870, 2034, 2920, 6152).
 *
 * <p>Both are state machines over octets, each on one scheduler, and hold everything that they know
 * in themselves: a broken session costs that session. Only CRLF ends a command line, and only
 * CRLF.CRLF ends a mail, in each direction. It may use the floors below and no other protocol.
 */
@NullMarked
package org.flywheelmta.smtp;

import org.jspecify.annotations.NullMarked;
