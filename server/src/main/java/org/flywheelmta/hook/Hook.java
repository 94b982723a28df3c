package org.flywheelmta.hook;

import java.util.function.BinaryOperator;
import org.flywheelmta.base.ReadOnlyThreadSafe;
import org.jspecify.annotations.Nullable;

/**
 * A typed point where providers take part. Declared once, as a constant, by the room that fires it;
 * two hooks are the same only if they are the same object.
 *
 * @param <A> what providers are asked about; used on the scheduler that fires
 * @param <R> what they answer; a value with {@code equals}
 */
// The argument's type stands in no field, but holds providers and whoever fires to one type.
@SuppressWarnings("UnusedTypeParameter")
@ReadOnlyThreadSafe
public final class Hook<A, R> {
  private final String name;
  private final R none;
  private final R failure;
  private final @Nullable BinaryOperator<R> join;

  private Hook(String name, R none, R failure, @Nullable BinaryOperator<R> join) {
    this.name = name;
    this.none = none;
    this.failure = failure;
    this.join = join;
  }

  /**
   * A hook of which the first provider that decides has the last word; those after it are not
   * asked.
   *
   * @param name as operators know it, such as {@code smtp_rcpt}
   * @param none "no decision": the result when no provider decides, and with none
   * @param failure what a provider that throws has decided, such as a temporary failure
   */
  public static <A, R> Hook<A, R> firstThatDecides(String name, R none, R failure) {
    return new Hook<>(name, none, failure, null);
  }

  /**
   * A hook of which all providers are asked, one after the other.
   *
   * @param none the result with no provider, and what the first answer is joined to
   * @param failure the answer of a provider that throws
   * @param join joins the result so far, and the next answer
   */
  public static <A, R> Hook<A, R> all(String name, R none, R failure, BinaryOperator<R> join) {
    return new Hook<>(name, none, failure, join);
  }

  /** As operators know it. */
  public String name() {
    return name;
  }

  /** The result with no provider. */
  public R none() {
    return none;
  }

  /** What a provider that throws has answered. */
  public R failure() {
    return failure;
  }

  R joined(R before, R answer) {
    return join == null ? answer : join.apply(before, answer);
  }

  /** True when nobody is asked after {@code result}. */
  boolean decidedBy(R result) {
    return join == null && !result.equals(none);
  }

  @Override
  public String toString() {
    return name;
  }
}
