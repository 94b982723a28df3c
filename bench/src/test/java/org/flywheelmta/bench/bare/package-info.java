/** Tests of the bare loop, over sockets of this machine. */
@NullMarked
package org.flywheelmta.bench.bare;

import org.jspecify.annotations.NullMarked;
