/**
 * Floor 5: connections for any protocol: netlisteners with their accept constructs, and the
 * outbound connector, with limits, deadlines and budgets.
 *
 * <p>The master scheduler binds and accepts; a connection is dealt to one scheduler of its
 * listener's pool and stays there. The session of a protocol is its {@link
 * org.flywheelmta.net.Closure}. A session reads unread input in place and may be suspended: then
 * input waits, and a disconnect still arrives. It may use the floors below and Netty's transport;
 * the sockets themselves come through {@link org.flywheelmta.net.Network}.
 */
@NullMarked
package org.flywheelmta.net;

import org.jspecify.annotations.NullMarked;
