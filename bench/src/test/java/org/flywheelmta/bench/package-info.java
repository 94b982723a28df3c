/** Tests of the benchmarks' parts; none of them measures. */
@NullMarked
package org.flywheelmta.bench;

import org.jspecify.annotations.NullMarked;
