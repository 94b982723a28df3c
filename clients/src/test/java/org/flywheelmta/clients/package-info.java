/** Tests of the clients: over real sockets on loopback, each with a receiver of its own. */
@NullMarked
package org.flywheelmta.clients;

import org.jspecify.annotations.NullMarked;
