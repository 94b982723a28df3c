package org.flywheelmta.config;

import java.util.List;
import org.flywheelmta.base.ReadOnlyThreadSafe;

/** What came of a load. */
@ReadOnlyThreadSafe
public sealed interface Loaded {
  /** A generation that holds as a whole. */
  record Ok(Generation generation, List<Warning> warnings) implements Loaded {}

  /** Why there is none: at least one error, in reading order. */
  record Failed(List<ConfigError> errors) implements Loaded {}
}
