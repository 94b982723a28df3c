/**
 * Floor 2: typed points where modules and scripts take part in what the server does.
 *
 * <p>Whoever fires a hook declares it, as a constant {@link org.flywheelmta.hook.Hook} that says
 * what several providers mean together and what holds with none. Who takes part is a {@link
 * org.flywheelmta.hook.Provider}; the table of all of them, {@link org.flywheelmta.hook.Hooks}, is
 * immutable, one per generation of the configuration, and passed to whoever fires.
 *
 * <p>A provider answers at once or later; meanwhile the session that fired is suspended, and
 * cancels when its peer leaves. A provider that throws counts as the hook's defined failure: it
 * costs its session an answer, never the server. The room owns no thread: everything happens on the
 * scheduler that fired. It may use {@code base} and {@code scheduler}.
 */
@NullMarked
package org.flywheelmta.hook;

import org.jspecify.annotations.NullMarked;
