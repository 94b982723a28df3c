package org.flywheelmta.config;

import org.flywheelmta.base.NonThreadSafe;

/** What stands in a block. */
@NonThreadSafe
sealed interface Entry permits Entry.Assignment, Block {
  /** {@code key = value}. */
  record Assignment(Value.Text key, Value value) implements Entry {}
}
