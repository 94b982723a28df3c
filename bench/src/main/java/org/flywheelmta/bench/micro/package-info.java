/**
 * Benchmarks of single rooms of the server, by JMH: each is a class whose name ends in {@code
 * Benchmark}, and beside it what it needs to run without the rest. Those that reach into a room's
 * own classes live in a package of its name instead.
 *
 * <p>Threads: JMH calls from one thread of its own; what a benchmark starts belongs to it and ends
 * with its trial.
 */
@NullMarked
package org.flywheelmta.bench.micro;

import org.jspecify.annotations.NullMarked;
