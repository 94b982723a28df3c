/**
 * The benchmarks: the product beside other mail servers on the same machine, by turns, or beside
 * the disk alone, with nothing but processes, ports and files between them.
 *
 * <p>One class for each command of {@code flywheel bench}. A result is a median of rounds, and what
 * counts is the ratio of two of them that were measured in turns; no test of the suite asserts a
 * speed. The room {@link org.flywheelmta.bench.bare} has the floor to compare with, {@link
 * org.flywheelmta.bench.micro} the benchmarks of single rooms of the server.
 *
 * <p>Threads: a command measures on the thread that it was called on; generator and sink of {@code
 * latency} have their own. Failures of the machine (a program that is missing, a disk, a port) end
 * the command with a sentence; what goes wrong in a run, such as a mail that is missing at its end,
 * is a value and ends in the table.
 */
@NullMarked
package org.flywheelmta.bench;

import org.jspecify.annotations.NullMarked;
