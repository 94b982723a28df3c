/** Tests of the harness itself: a judge that cannot say "lost" is worth nothing. */
@NullMarked
package org.flywheelmta.torture;

import org.jspecify.annotations.NullMarked;
