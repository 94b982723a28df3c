package org.flywheelmta.config;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.flywheelmta.base.NonThreadSafe;

/** Errors and warnings of one load, up to their limits. */
@NonThreadSafe
final class Errors {
  private final List<ConfigError> errors = new ArrayList<>();
  private final List<Warning> warnings = new ArrayList<>();

  void add(Position at, String text) {
    if (!full()) {
      errors.add(new ConfigError(at, text));
    }
  }

  void warn(Position at, String text) {
    if (warnings.size() < Limits.WARNINGS) {
      warnings.add(new Warning(at, text));
    }
  }

  /** Whether reading on is of no use, since nothing more would be reported. */
  boolean full() {
    return errors.size() >= Limits.ERRORS;
  }

  int count() {
    return errors.size();
  }

  /** In reading order. */
  List<ConfigError> errors() {
    return errors.stream().sorted(Comparator.comparing(ConfigError::at)).toList();
  }

  List<Warning> warnings() {
    return List.copyOf(warnings);
  }
}
