package org.flywheelmta.config;

/**
 * What values an option takes, how they are written and how they are shown. Implementations are
 * read-only; most come from {@link Types}.
 *
 * <p>{@code parse} of what {@code print} gives is an equal value.
 *
 * @param <T> immutable, with {@code equals}
 */
public interface Type<T> {
  /** One or two words, for the manual: {@code duration}. */
  String name();

  /** What may be written, with an example, to follow "it takes". */
  String takes();

  /** What a bare number counts; empty where numbers count nothing. */
  default String unit() {
    return "";
  }

  /** Reads a written value. Never throws. */
  Parsed<T> parse(Value value);

  /** As it would be written in a file. */
  String print(T value);
}
