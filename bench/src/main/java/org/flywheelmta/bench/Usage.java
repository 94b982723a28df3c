package org.flywheelmta.bench;

import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;

/** Errors of those who call a benchmark. */
final class Usage {
  private Usage() {}

  /** To be thrown; with {@code spec}, that of the command, it ends as wrong usage. */
  static RuntimeException error(String message, @Nullable CommandSpec spec) {
    return spec == null
        ? new IllegalArgumentException(message)
        : new ParameterException(spec.commandLine(), message);
  }
}
