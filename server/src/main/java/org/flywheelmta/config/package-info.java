/**
 * Floor 3: what an operator writes, read once and made into one immutable {@link
 * org.flywheelmta.config.Generation}.
 *
 * <p>The way of a file: {@code ConfigFiles} (the door to the disk, implemented in {@code main})
 * gives bytes; {@code Source} checks that they are text; {@code Lexer} and {@code Parser} make a
 * tree of blocks with positions, following includes; {@code Binder} holds the tree against the
 * {@link org.flywheelmta.config.Schema} and makes scopes with typed settings; {@link
 * org.flywheelmta.config.Loader} runs all of this and the rooms' own checks.
 *
 * <p>An {@link org.flywheelmta.config.Option} is declared once, as a constant of the room that uses
 * it, with its type, default, scopes, unit and manual text; a stanza is declared by a {@link
 * org.flywheelmta.config.ScopeKind}. Rooms ask a {@link org.flywheelmta.config.Scope} for the value
 * of an option; which scope is asked next when one does not set it stands in {@link
 * org.flywheelmta.config.Generation}.
 *
 * <p>The room may use {@code base} alone. It owns no thread; everything here is either made and
 * thrown away within one load or read-only. Bad configuration is a value ({@link
 * org.flywheelmta.config.Loaded}), never an exception; a wrong declaration is a bug and fails at
 * build of the schema. All work is linear in what is read, and every nesting, count and length has
 * a named limit in {@code Limits}.
 */
@NullMarked
package org.flywheelmta.config;

import org.jspecify.annotations.NullMarked;
