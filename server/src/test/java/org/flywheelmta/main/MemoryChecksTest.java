package org.flywheelmta.main;

import static org.assertj.core.api.Assertions.assertThat;

import org.flywheelmta.config.ConfigError;
import org.flywheelmta.config.Configured;
import org.flywheelmta.config.Loaded;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Limits of memory that make no sense are errors before anything starts. */
final class MemoryChecksTest {
  private static String configuration(String global, String listener) {
    return global
        + "\nesmtp_listener { "
        + listener
        + "\n listen \"127.0.0.1:0\" { }\n listen \"127.0.0.2:0\" { } }\n";
  }

  private static String failed(String global, String listener) {
    return switch (Configured.load(ServerOptions.schema(), configuration(global, listener))) {
      case Loaded.Ok _ -> "no error";
      case Loaded.Failed(var errors) ->
          String.join("\n", errors.stream().map(ConfigError::print).toList());
    };
  }

  @ParameterizedTest
  @CsvSource({
    "memory_limit = 1MB, '', memory_limit is too small to take mail in; give at least 2MB or 0",
    "queue_memory_limit = 100, '', queue_memory_limit is too small to take mail in; give at least"
        + " 1MB or 0",
    "'', listener_memory = 1MB, listener_memory is too small to take mail in; give at least 2MB or"
        + " 0",
    "memory_limit = 4MB, listener_memory = 5MB, 'listener_memory is more than memory_limit, so it"
        + " would never count'",
  })
  void senselessLimitIsAnErrorOnce(String global, String listener, String complaint) {
    assertThat(failed(global, listener).lines())
        .filteredOn(line -> line.contains(complaint))
        .hasSize(1);
  }

  @Test
  void sensibleLimitsAndZeroPass() {
    var generation =
        Configured.by(
            ServerOptions.schema(),
            configuration("memory_limit = 64MB\nqueue_memory_limit = 0", "listener_memory = 32MB"));
    assertThat(generation.global().get(ServerOptions.MEMORY_LIMIT)).isEqualTo(64L << 20);
  }
}
