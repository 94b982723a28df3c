package org.flywheelmta.config;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.SequencedMap;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.function.LongFunction;
import org.flywheelmta.base.Check;

/** The types that options have. */
public final class Types {
  private static final SequencedMap<String, Boolean> SWITCH = new LinkedHashMap<>();
  private static final int MAX_MODE = 07777;
  // RFC 5321 section 4.5.3.1.1.
  private static final int MAX_LOCAL_PART = 64;
  private static final int MAX_HOSTNAME = 255;

  static {
    for (var on : List.of("on", "true", "yes", "enabled", "1")) {
      SWITCH.put(on, true);
    }
    for (var off : List.of("off", "false", "no", "disabled", "0")) {
      SWITCH.put(off, false);
    }
  }

  private Types() {}

  /** On or off, in each of the ways that operators write it. */
  public static Type<Boolean> bool() {
    return new ScalarType<>(
        "switch",
        "on or off (also true, yes, enabled, 1; false, no, disabled, 0)",
        "",
        text -> named(text, SWITCH),
        value -> value ? "on" : "off");
  }

  /** A whole number of 32 bits between two bounds, both included. */
  public static Type<Integer> int32(int min, int max) {
    return number(min, max, Long::intValue);
  }

  /** A whole number of 64 bits between two bounds, both included. */
  public static Type<Long> int64(long min, long max) {
    return number(min, max, Function.identity());
  }

  private static <N extends Number> Type<N> number(long min, long max, Function<Long, N> narrow) {
    var example = Math.clamp(10, min, max);
    return new ScalarType<>(
        "number",
        "a whole number from " + min + " to " + max + ", such as " + example,
        "",
        text ->
            bounded(
                text, Numbers.whole(text.text()), min, max, "whole number", n -> "" + n, narrow),
        String::valueOf);
  }

  /** Any text. */
  public static Type<String> string() {
    return new ScalarType<>(
        "string",
        "one word, or a text in quotes, such as \"a b\"",
        "",
        text -> new Parsed.Good<>(text.text()),
        Words::written);
  }

  /** A name that stands in greetings and header fields: letters, digits, "-", "_" and dots. */
  public static Type<String> hostname() {
    return new ScalarType<>(
        "host name",
        "a host name of letters, digits, \"-\", \"_\" and dots, such as mta.example.net",
        "",
        text ->
            isHostname(text.text()) ? new Parsed.Good<>(text.text()) : bad(text, "is no host name"),
        Words::written);
  }

  /** A domain in any spelling; its value is the one by which domains are compared. */
  public static Type<String> domain() {
    return new ScalarType<>(
        "domain",
        "a domain such as example.com or b\u00fccher.example",
        "",
        text -> {
          var domain = Generation.hostname(text.text());
          return domain == null
              ? bad(text, "is no name that a domain can have")
              : new Parsed.Good<>(domain);
        },
        Words::written);
  }

  /** An address that can stand in a header field, in ASCII and without quotes. */
  public static Type<String> mailbox() {
    return new ScalarType<>(
        "address",
        "an address of a local part and a domain, such as postmaster@example.com",
        "",
        text ->
            isMailbox(text.text()) ? new Parsed.Good<>(text.text()) : bad(text, "is no address"),
        Words::written);
  }

  private static boolean isMailbox(String text) {
    int at = text.indexOf('@');
    if (at < 1 || at > MAX_LOCAL_PART || !isHostname(text.substring(at + 1))) {
      return false;
    }
    for (int i = 0; i < at; i++) {
      char c = text.charAt(i);
      boolean alone = c == '.' && (i == 0 || i == at - 1 || text.charAt(i - 1) == '.');
      if (alone || c <= ' ' || c >= 0x7f || "()<>,;:\\\"[]".indexOf(c) >= 0) {
        return false;
      }
    }
    return true;
  }

  private static boolean isHostname(String name) {
    boolean good = !name.isEmpty() && name.length() <= MAX_HOSTNAME;
    for (int i = 0; good && i < name.length(); i++) {
      char c = name.charAt(i);
      good =
          (c >= 'a' && c <= 'z')
              || (c >= 'A' && c <= 'Z')
              || (c >= '0' && c <= '9')
              || c == '-'
              || c == '_'
              || c == '.';
    }
    return good;
  }

  /** A span of time in nanoseconds, from 0; a bare number counts {@code bareUnit}. */
  public static Type<Long> duration(TimeUnit bareUnit) {
    return duration(bareUnit, 0, Long.MAX_VALUE);
  }

  /** A span of time in nanoseconds between two bounds, which are nanoseconds too. */
  public static Type<Long> duration(TimeUnit bareUnit, long minNanos, long maxNanos) {
    var unit = Words.fold(bareUnit.name());
    return new ScalarType<>(
        "duration",
        "a duration such as 20m, 1h30m or 10ms"
            + bounds(minNanos, maxNanos, Numbers::printDuration)
            + "; a bare number counts "
            + unit,
        unit,
        text ->
            bounded(
                text,
                Numbers.duration(text.text(), bareUnit),
                minNanos,
                maxNanos,
                "duration",
                Numbers::printDuration,
                Function.identity()),
        Numbers::printDuration);
  }

  /** A size in bytes, from 0. KB and KiB are both 1024 bytes, as Momentum counts; so on upwards. */
  public static Type<Long> size() {
    return size(0, Long.MAX_VALUE);
  }

  /** A size in bytes between two bounds, both included. */
  public static Type<Long> size(long min, long max) {
    return new ScalarType<>(
        "size",
        "a size such as 10MB, 64KiB or 512 (bytes; K is 1024)"
            + bounds(min, max, Numbers::printSize),
        "bytes",
        text ->
            bounded(
                text,
                Numbers.size(text.text()),
                min,
                max,
                "size",
                Numbers::printSize,
                Function.identity()),
        Numbers::printSize);
  }

  private static String bounds(long min, long max, LongFunction<String> print) {
    if (max < Long.MAX_VALUE) {
      return ", from " + print.apply(min) + " to " + print.apply(max);
    }
    return min > 0 ? ", " + print.apply(min) + " or more" : "";
  }

  private static <N> Parsed<N> bounded(
      Value.Text text,
      OptionalLong number,
      long min,
      long max,
      String noun,
      LongFunction<String> print,
      Function<Long, N> narrow) {
    if (number.isEmpty()) {
      return bad(text, "is no " + noun);
    }
    var value = number.getAsLong();
    if (value < min) {
      return bad(text, "is less than " + print.apply(min));
    }
    return value > max
        ? bad(text, "is more than " + print.apply(max))
        : new Parsed.Good<>(narrow.apply(value));
  }

  /** Permissions of a file, in octal. */
  public static Type<Integer> mode() {
    return new ScalarType<>(
        "octal mode",
        "permissions in octal from 0 to 07777, such as 0640",
        "",
        text -> {
          var octal = !text.text().isEmpty() && text.text().length() <= 5;
          var mode = 0;
          for (int i = 0; i < text.text().length() && octal; i++) {
            var digit = text.text().charAt(i) - '0';
            octal = digit >= 0 && digit < 8;
            mode = mode * 8 + digit;
          }
          return octal && mode <= MAX_MODE
              ? new Parsed.Good<>(mode)
              : bad(text, "is no octal mode");
        },
        value -> "0" + (value == 0 ? "" : Integer.toOctalString(value)));
  }

  /** A host or address with its port. */
  public static Type<HostPort> hostPort() {
    return new ScalarType<>(
        "host and port",
        "a host or address with its port, such as relay.example.net:25, 192.0.2.1:25 or"
            + " \"[2001:db8::1]:25\"",
        "",
        text ->
            HostPort.parse(text.text())
                .<Parsed<HostPort>>map(Parsed.Good::new)
                .orElseGet(() -> bad(text, "is no host with a port")),
        value -> Words.written(value.toString()));
  }

  /** A host that mail is sent to, with its preference and port or without. */
  public static Type<RouteEntry> route() {
    return new ScalarType<>(
        "route",
        "a host with its port and preference or without, such as relay.example.net, \"10"
            + " relay.example.net:25\" or \"20 "
            + RouteEntry.MX
            + "\"",
        "",
        text ->
            RouteEntry.parse(text.text())
                .<Parsed<RouteEntry>>map(Parsed.Good::new)
                .orElseGet(() -> bad(text, "is no host with a preference and a port")),
        value -> Words.written(value.toString()));
  }

  /** An address, and a port that may be left out. */
  public static Type<HostPort> addressPort(int byDefault) {
    return new ScalarType<>(
        "address",
        "an address, with a port where it is not "
            + byDefault
            + ", such as 192.0.2.1, 192.0.2.1:5353, \"2001:db8::1\" or \"[2001:db8::1]:5353\"",
        "",
        text -> {
          var alone = Addresses.parse(text.text()).isPresent();
          var both = alone ? Optional.<HostPort>empty() : HostPort.parse(text.text());
          return alone
              ? new Parsed.Good<>(new HostPort(text.text(), byDefault))
              : both.filter(HostPort::isAddress)
                  .<Parsed<HostPort>>map(Parsed.Good::new)
                  .orElseGet(() -> bad(text, "is no address"));
        },
        value -> Words.written(value.toString()));
  }

  /** A network; an address alone is a network of one. */
  public static Type<Cidr> cidr() {
    return new ScalarType<>(
        "network",
        "a network or address, such as 192.0.2.0/24, 2001:db8::/32 or 192.0.2.1",
        "",
        text -> Cidr.parse(text),
        value -> Words.written(value.toString()));
  }

  /** One of the constants of an enum, written in lower case. */
  public static <E extends Enum<E>> Type<E> choice(Class<E> type) {
    var names = new LinkedHashMap<String, E>();
    for (var constant : type.getEnumConstants()) {
      names.put(Words.fold(constant.name()), constant);
    }
    return choice(names);
  }

  /** One of some named values. Names are lower case; the first of a value is the one printed. */
  public static <T> Type<T> choice(SequencedMap<String, T> byName) {
    var names = Collections.unmodifiableSequencedMap(new LinkedHashMap<>(byName));
    Check.that(!names.isEmpty(), "a choice of nothing");
    var all = names.sequencedKeySet().stream().toList();
    return new ScalarType<>(
        "choice",
        "one of " + String.join(", ", all) + ", such as " + all.getFirst(),
        "",
        text -> named(text, names),
        value ->
            all.stream()
                .filter(n -> value.equals(names.get(n)))
                .findFirst()
                .map(Words::written)
                .orElseThrow());
  }

  private static <T> Parsed<T> named(Value.Text text, Map<String, T> names) {
    var value = names.get(Words.fold(text.text()));
    if (value != null) {
      return new Parsed.Good<>(value);
    }
    var near = Suggestion.of(text.text(), names.keySet());
    return bad(
        text, near.isEmpty() ? "is not known" : "is not known (did you mean \"" + near + "\"?)");
  }

  /** Some values of a type; one value alone is a list of one. */
  public static <E> Type<List<E>> list(Type<E> element) {
    return new CompoundTypes.ListOf<>(element);
  }

  /** Values of a type by name, in the order written. */
  public static <E> Type<Map<String, E>> dictionary(Type<E> element) {
    return new CompoundTypes.DictionaryOf<>(element);
  }

  /** A value of a type, or none. */
  public static <E> Type<Optional<E>> optional(Type<E> element) {
    return new CompoundTypes.OptionalOf<>(element);
  }

  static <T> Parsed<T> bad(Value.Text text, String why) {
    return new Parsed.Bad<>(text.at(), text.shown() + " " + why);
  }
}
