package org.flywheelmta.config;

import java.util.List;

/** Generations for the tests of every room. */
public final class Configured {
  /** The name of the only file. */
  public static final String FILE = "flywheel.conf";

  private Configured() {}

  /** What comes of a configuration of one file. */
  public static Loaded load(Schema schema, String text, String... overrides) {
    return load(schema, new MemoryConfigFiles().with(FILE, text), overrides);
  }

  static Loaded load(Schema schema, ConfigFiles files, String... overrides) {
    return new Loader(schema, files, FILE, List.of(overrides)).load(1);
  }

  /** The generation that a good configuration of one file makes. */
  public static Generation by(Schema schema, String text, String... overrides) {
    return good(load(schema, text, overrides));
  }

  static Generation good(Loaded loaded) {
    return switch (loaded) {
      case Loaded.Ok(var generation, _) -> generation;
      case Loaded.Failed(var errors) ->
          throw new AssertionError(
              String.join("\n", errors.stream().map(ConfigError::print).toList()));
    };
  }

  static String failed(Loaded loaded) {
    return switch (loaded) {
      case Loaded.Ok _ -> "no error";
      case Loaded.Failed(var errors) ->
          String.join("\n", errors.stream().map(ConfigError::print).toList());
    };
  }
}
