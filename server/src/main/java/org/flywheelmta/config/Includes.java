package org.flywheelmta.config;

import java.util.ArrayDeque;
import java.util.Comparator;
import java.util.Deque;
import java.util.function.Consumer;
import org.flywheelmta.base.NonThreadSafe;
import org.jspecify.annotations.Nullable;

/** Opens the files of one load: the first, and those that it includes; keeps to the limits. */
@NonThreadSafe
final class Includes {
  private static final int NAMED_FILES_OF_A_LOOP = 4;

  private final ConfigFiles files;
  private final Errors errors;
  private final Deque<String> open = new ArrayDeque<>();
  private int sources;
  private int fileCount;
  private long totalBytes;

  Includes(ConfigFiles files, Errors errors) {
    this.files = files;
    this.errors = errors;
  }

  /** A text that comes from no file. */
  Source text(String name, String text) {
    return new Source(name, text, sources++);
  }

  /** Reads the first file. */
  void first(String path, Consumer<Source> reader) {
    var nowhere = text(path, "").at(0);
    switch (files.read(path, null)) {
      case ConfigFiles.Result.File file -> enter(file, nowhere, reader);
      case ConfigFiles.Result.Folder _ -> errors.add(nowhere, "this is a folder, not a file");
      case ConfigFiles.Result.Unreadable no -> errors.add(nowhere, "cannot be read: " + no.why());
    }
  }

  /** Reads what an include in {@code from} names: a file, or those of a folder, in order. */
  void include(Value.Text path, @Nullable String from, Consumer<Source> reader) {
    switch (files.read(path.text(), from)) {
      case ConfigFiles.Result.File file -> enter(file, path.at(), reader);
      case ConfigFiles.Result.Folder folder ->
          folder.paths().stream()
              .filter(p -> !lastPart(p).startsWith("."))
              .sorted(Comparator.comparing(Includes::lastPart))
              .forEach(p -> entry(p, path.at(), from, reader));
      case ConfigFiles.Result.Unreadable no -> unreadable(path.text(), path.at(), no.why());
    }
  }

  /** One entry of a folder; a folder within it is left out. */
  private void entry(String path, Position at, @Nullable String from, Consumer<Source> reader) {
    if (errors.full()) {
      return;
    }
    switch (files.read(path, from)) {
      case ConfigFiles.Result.File file -> enter(file, at, reader);
      case ConfigFiles.Result.Folder _ -> {}
      case ConfigFiles.Result.Unreadable no -> unreadable(path, at, no.why());
    }
  }

  private void unreadable(String path, Position at, String why) {
    errors.add(at, "cannot read " + Words.shown(path) + ": " + why);
  }

  private void enter(ConfigFiles.Result.File file, Position at, Consumer<Source> reader) {
    if (open.contains(file.name())) {
      errors.add(at, "this include would never end: " + loop(file.name()));
    } else if (open.size() >= Limits.INCLUDE_DEPTH) {
      errors.add(at, "more than " + Limits.INCLUDE_DEPTH + " files within files");
    } else if (++fileCount > Limits.FILES) {
      errors.add(at, "more than " + Limits.FILES + " files in all");
    } else if (file.bytes().remaining() > Limits.FILE_BYTES) {
      errors.add(at, Words.shown(file.name()) + " is longer than " + Limits.FILE_BYTES + " bytes");
    } else if ((totalBytes += file.bytes().remaining()) > Limits.TOTAL_BYTES) {
      errors.add(at, "all files together are longer than " + Limits.TOTAL_BYTES + " bytes");
    } else {
      read(file, reader);
    }
  }

  private void read(ConfigFiles.Result.File file, Consumer<Source> reader) {
    var before = errors.count();
    var source = Source.decode(file.name(), file.bytes(), sources++, errors);
    if (errors.count() == before) {
      open.addLast(file.name());
      reader.accept(source);
      open.removeLast();
    }
  }

  /** The files from {@code name} to where it would be read again. */
  private String loop(String name) {
    var way = new StringBuilder();
    var shown = 0;
    for (var file : open) {
      if (way.isEmpty() && !file.equals(name)) {
        continue;
      }
      if (shown++ < NAMED_FILES_OF_A_LOOP) {
        way.append(file).append(" includes ");
      }
    }
    return way + (shown > NAMED_FILES_OF_A_LOOP ? "... includes " : "") + name;
  }

  private static String lastPart(String path) {
    return path.substring(path.lastIndexOf('/') + 1);
  }
}
