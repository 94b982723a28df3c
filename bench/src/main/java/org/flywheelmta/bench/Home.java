package org.flywheelmta.bench;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** A checkout of Flywheel. */
record Home(Path folder) {
  private static final String PROPERTY = "flywheel.home";

  /** The folder that this command belongs to, as its script says. */
  static Path own() {
    return Path.of(System.getProperty(PROPERTY, "")).toAbsolutePath();
  }

  Path script() {
    return folder.resolve("flywheel");
  }

  /** The commit, with a plus where files differ from it; nothing where git knows of none. */
  Optional<String> commit() throws InterruptedException {
    var head = git("rev-parse", "HEAD");
    var changes = git("status", "--porcelain", "-uno");
    return head.map(commit -> changes.orElse("").isEmpty() ? commit : commit + "+");
  }

  private Optional<String> git(String... words) throws InterruptedException {
    var command = new ArrayList<>(List.of("git", "-C", folder.toString()));
    command.addAll(List.of(words));
    return Programs.output(command);
  }
}
