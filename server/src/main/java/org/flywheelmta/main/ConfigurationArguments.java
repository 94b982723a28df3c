package org.flywheelmta.main;

import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.flywheelmta.config.Generation;
import org.flywheelmta.config.Loaded;
import org.flywheelmta.config.Loader;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** The arguments that say which configuration and which data folder a command is about. */
final class ConfigurationArguments {
  @Option(
      names = "--config",
      paramLabel = "FILE",
      description = "The configuration (default: conf/flywheel.conf of the installation).")
  private @Nullable Path config;

  @Option(
      names = "--data",
      paramLabel = "DIR",
      description = "The data folder (default: var beside the configuration).")
  private @Nullable Path data;

  @Option(
      names = "--set",
      paramLabel = "KEY=VALUE",
      description = "Sets an option of the top level, over what the configuration says.")
  private List<String> overrides = new ArrayList<>();

  /** The file that holds the configuration. */
  Path file() {
    if (config != null) {
      return config;
    }
    var home = System.getProperty("flywheel.home", ".");
    return Path.of(home, "conf", "flywheel.conf");
  }

  /** The data folder, absolute. */
  Path folder() {
    if (data != null) {
      return data.toAbsolutePath().normalize();
    }
    return file().toAbsolutePath().normalize().resolveSibling("var");
  }

  /** Loads the configuration; what is wrong with it is printed, and the result is null. */
  @Nullable Generation load(PrintWriter errors) {
    var loader =
        new Loader(ServerOptions.schema(), new FolderConfigFiles(), file().toString(), overrides);
    return switch (loader.load(1)) {
      case Loaded.Ok(var generation, var warnings) -> {
        warnings.forEach(warning -> errors.println(warning.print()));
        yield generation;
      }
      case Loaded.Failed(var failures) -> {
        failures.forEach(failure -> errors.println(failure.print()));
        yield null;
      }
    };
  }
}
