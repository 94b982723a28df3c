package org.flywheelmta.main;

import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;

/** Where a command prints. */
final class Console {
  private Console() {}

  /** The command line of a command that picocli has filled in. */
  static CommandLine of(@Nullable CommandSpec spec) {
    if (spec == null) {
      throw new IllegalStateException("a command was called without its command line");
    }
    return spec.commandLine();
  }
}
