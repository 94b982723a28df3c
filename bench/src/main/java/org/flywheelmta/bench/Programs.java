package org.flywheelmta.bench;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Programs of the machine, also those that only root has on its path. */
final class Programs {
  private static final List<String> FOR_ROOT = List.of("/usr/sbin", "/sbin", "/usr/local/sbin");

  private Programs() {}

  static Optional<Path> find(String name) {
    var folders = new ArrayList<String>();
    var path = System.getenv("PATH");
    if (path != null) {
      folders.addAll(List.of(path.split(File.pathSeparator, -1)));
    }
    folders.addAll(FOR_ROOT);
    return folders.stream()
        .filter(folder -> !folder.isEmpty())
        .map(folder -> Path.of(folder, name))
        .filter(Files::isExecutable)
        .findFirst();
  }

  /** The words to call a program that was found before. */
  static String path(String name) {
    return find(name)
        .map(Path::toString)
        .orElseThrow(() -> new Unavailable("the program " + name + " is not there"));
  }

  /** What a program prints to its good end, without the white space around it. */
  static Optional<String> output(List<String> command) throws InterruptedException {
    try {
      var process =
          new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.DISCARD).start();
      process.getOutputStream().close();
      var text = new String(process.getInputStream().readAllBytes(), Texts.OCTETS).strip();
      return process.waitFor() == 0 ? Optional.of(text) : Optional.empty();
    } catch (IOException e) {
      return Optional.empty();
    }
  }
}
