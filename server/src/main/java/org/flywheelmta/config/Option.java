package org.flywheelmta.config;

import java.util.List;
import java.util.stream.Stream;
import org.flywheelmta.base.Check;
import org.flywheelmta.base.ReadOnlyThreadSafe;

/**
 * What an operator may set. Declared once, as a constant of the room that uses it, and compared by
 * identity:
 *
 * <pre>{@code
 * static final Option<Long> RETRY_INTERVAL =
 *     Option.of("retry_interval", Types.duration(SECONDS), MINUTES.toNanos(20))
 *         .in(ScopeKind.DELIVERY)
 *         .online()
 *         .manual("The time from a failed attempt to the next.");
 * }</pre>
 */
@ReadOnlyThreadSafe
public final class Option<T> {
  private final String name;
  private final Type<T> type;
  private final T fallback;
  private final List<ScopeKind> scopes;
  private final boolean online;
  private final String manual;

  private Option(
      String name,
      Type<T> type,
      T fallback,
      List<ScopeKind> scopes,
      boolean online,
      String manual) {
    this.name = name;
    this.type = type;
    this.fallback = fallback;
    this.scopes = scopes;
    this.online = online;
    this.manual = manual;
  }

  /** An option, so far without scopes; its default must be a value of its type. */
  public static <T> Option<T> of(String name, Type<T> type, T byDefault) {
    Check.that(name.matches("[a-z][a-z0-9_]*"), "no name for an option: " + name);
    var printed = Parser.value(type.print(byDefault));
    Check.that(
        printed != null && type.parse(printed).equals(new Parsed.Good<>(byDefault)),
        "the default of " + name + " is no value of its type");
    return new Option<>(name, type, byDefault, List.of(), false, "");
  }

  /** The same in further scopes. */
  public Option<T> in(ScopeKind... more) {
    return in(List.of(more));
  }

  /** The same in further scopes. */
  public Option<T> in(List<ScopeKind> more) {
    var all = Stream.concat(scopes.stream(), more.stream()).distinct().toList();
    return new Option<>(name, type, fallback, all, online, manual);
  }

  /** The same, and a change of it needs no restart. */
  public Option<T> online() {
    return new Option<>(name, type, fallback, scopes, true, manual);
  }

  /** The same with its text for the manual, one sentence or more. */
  public Option<T> manual(String text) {
    return new Option<>(name, type, fallback, scopes, online, text);
  }

  /** As written in a file, in lower case. */
  public String name() {
    return name;
  }

  public Type<T> type() {
    return type;
  }

  /** The value where nothing sets it. */
  public T byDefault() {
    return fallback;
  }

  /** A setting of this option; settings are made of values of their option's type alone. */
  @SuppressWarnings("unchecked")
  T valueOf(Setting setting) {
    return (T) setting.value();
  }

  public List<ScopeKind> scopes() {
    return scopes;
  }

  /** Whether a change of it needs no restart. */
  public boolean isOnline() {
    return online;
  }

  public String manual() {
    return manual;
  }

  @Override
  public String toString() {
    return name;
  }
}
