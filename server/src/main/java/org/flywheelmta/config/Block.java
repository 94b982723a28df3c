package org.flywheelmta.config;

import java.util.ArrayList;
import java.util.List;
import org.flywheelmta.base.NonThreadSafe;
import org.jspecify.annotations.Nullable;

/**
 * A stanza as it was written, or all of a configuration, before the schema has been asked.
 *
 * @param entries in the order written, those of included files in their place
 */
@NonThreadSafe
record Block(Value.Text name, Value.@Nullable Text instance, List<Entry> entries) implements Entry {
  Block(Value.Text name, Value.@Nullable Text instance) {
    this(name, instance, new ArrayList<>());
  }
}
