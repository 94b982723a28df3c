/**
 * Floor 13: wiring, start, stop, and the command line. It alone knows every room; it joins what one
 * floor declares with what another implements, and owns nothing that could live in a room.
 */
@NullMarked
package org.flywheelmta.main;

import org.jspecify.annotations.NullMarked;
