package org.flywheelmta.main;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;
import org.flywheelmta.base.ReadOnlyThreadSafe;
import org.flywheelmta.disk.Disk;
import org.flywheelmta.disk.DiskFailure;
import org.jspecify.annotations.Nullable;

/**
 * The files of one transaction that is to be imported.
 *
 * @param content its {@code .eml}
 * @param envelope its {@code .json}; null where there is none beside it
 */
@ReadOnlyThreadSafe
record ImportSource(Path content, @Nullable Path envelope) {
  private static final String EML = ".eml";
  private static final String JSON = ".json";

  /** What the arguments name: files, and all that folders hold, sorted by name. */
  static List<ImportSource> of(Disk disk, List<Path> arguments) throws DiskFailure {
    var sources = new ArrayList<ImportSource>();
    for (var argument : arguments) {
      var path = argument.toAbsolutePath();
      if (stem(path) != null) {
        sources.add(one(disk, path));
        continue;
      }
      var contents = new TreeSet<Path>();
      for (var file : disk.list(path)) {
        if (stem(file) != null) {
          contents.add(file.resolveSibling(stem(file) + EML));
        }
      }
      for (var content : contents) {
        sources.add(one(disk, content));
      }
    }
    return sources;
  }

  private static ImportSource one(Disk disk, Path file) {
    var envelope = file.resolveSibling(stem(file) + JSON);
    return new ImportSource(
        file.resolveSibling(stem(file) + EML), disk.exists(envelope) ? envelope : null);
  }

  private static @Nullable String stem(Path file) {
    var name = String.valueOf(file.getFileName());
    for (var suffix : List.of(EML, JSON)) {
      if (name.endsWith(suffix)) {
        return name.substring(0, name.length() - suffix.length());
      }
    }
    return null;
  }
}
