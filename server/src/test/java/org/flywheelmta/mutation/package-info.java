/**
 * Whether the simulation would notice: a server with one defect is run by the same scenario and
 * must be found out.
 *
 * <p>A {@link org.flywheelmta.mutation.Mutation} is one change to the bytes of one class, made when
 * the class is loaded by a {@link org.flywheelmta.mutation.MutantLoader}, which gives the whole
 * simulated server classes of its own. The sources are not touched. {@link
 * org.flywheelmta.mutation.Mutations} has the list; {@code docs/mutations.md} has, for each, the
 * first seed that finds it and what was found. {@link org.flywheelmta.mutation.MutationTest} runs
 * those seeds, and with {@code --slow} searches them anew.
 */
@NullMarked
package org.flywheelmta.mutation;

import org.jspecify.annotations.NullMarked;
