/**
 * Floor 0: what every other room stands on and what stands on nothing: clocks, checks, limits,
 * counters, names of domains, seeded randomness, the thread-safety annotations, and the interfaces
 * through which lower floors speak to the operator and are told to take less.
 *
 * <p>It owns no thread, opens no file and no socket, and fails only by {@link
 * org.flywheelmta.base.BugException}.
 */
@NullMarked
package org.flywheelmta.base;

import org.jspecify.annotations.NullMarked;
