package org.flywheelmta.main;

import java.util.ArrayList;
import java.util.List;
import org.flywheelmta.config.ConfigError;
import org.flywheelmta.config.Found;
import org.flywheelmta.config.Generation;

/** Limits of memory with which a server could do nothing, or that could never count. */
final class MemoryChecks {
  /** What the parts of one mail that are on their way to the disk may take, and a little more. */
  static final long LEAST_CONTENT_BYTES = 2L << 20;

  /** Some 1,500 messages. */
  static final long LEAST_QUEUE_BYTES = 1L << 20;

  private MemoryChecks() {}

  static List<ConfigError> check(Generation generation) {
    var errors = new ArrayList<ConfigError>();
    var memory = generation.global().find(ServerOptions.MEMORY_LIMIT);
    least(memory, "memory_limit", LEAST_CONTENT_BYTES, errors);
    least(
        generation.global().find(ServerOptions.QUEUE_MEMORY_LIMIT),
        "queue_memory_limit",
        LEAST_QUEUE_BYTES,
        errors);
    for (var listener : ServerChecks.listeners(generation)) {
      for (var listen : listener.listens()) {
        var share = listen.scope().find(ServerOptions.LISTENER_MEMORY);
        least(share, "listener_memory", LEAST_CONTENT_BYTES, errors);
        if (memory.value() > 0 && share.value() > memory.value()) {
          add(share, "listener_memory is more than memory_limit, so it would never count", errors);
        }
      }
    }
    return errors;
  }

  private static void least(
      Found<Long> found, String name, long leastBytes, List<ConfigError> errors) {
    if (found.value() > 0 && found.value() < leastBytes) {
      add(
          found,
          name + " is too small to take mail in; give at least " + (leastBytes >> 20) + "MB or 0",
          errors);
    }
  }

  private static void add(Found<Long> found, String text, List<ConfigError> errors) {
    found
        .at()
        .filter(at -> errors.stream().noneMatch(error -> error.at().equals(at)))
        .ifPresent(at -> errors.add(new ConfigError(at, text)));
  }
}
