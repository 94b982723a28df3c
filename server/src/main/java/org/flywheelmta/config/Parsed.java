package org.flywheelmta.config;

import org.flywheelmta.base.ReadOnlyThreadSafe;

/** What a type makes of a written value. */
@ReadOnlyThreadSafe
public sealed interface Parsed<T> {
  /** A value of the type. */
  record Good<T>(T value) implements Parsed<T> {}

  /** No value of the type: {@code why} is half a sentence, such as {@code "x" is no number}. */
  record Bad<T>(Position at, String why) implements Parsed<T> {}
}
