package org.flywheelmta.disk;

import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.util.Locale;

/** Tells apart what the machine's file system refused and what it failed to do. */
final class Failures {
  // Less than this and a write that failed without a known reason is taken to have found no space.
  private static final long NEARLY_NOTHING_BYTES = 64 * 1024;

  private Failures() {}

  static DiskFailure of(Path path, IOException failure) {
    return switch (failure) {
      case NoSuchFileException missing ->
          new DiskFailure(DiskFailure.Kind.MISSING, path, "there is no such file", missing);
      case NotDirectoryException file ->
          new DiskFailure(DiskFailure.Kind.MISSING, path, "it is not a folder", file);
      case FileAlreadyExistsException there ->
          new DiskFailure(DiskFailure.Kind.EXISTS, path, "it exists already", there);
      case AccessDeniedException denied ->
          new DiskFailure(DiskFailure.Kind.DENIED, path, "permission denied", denied);
      default -> of(path, failure, reason(failure));
    };
  }

  private static String reason(IOException failure) {
    var reason =
        failure instanceof FileSystemException named ? named.getReason() : failure.getMessage();
    return reason == null ? failure.getClass().getSimpleName() : reason;
  }

  /** The Java library passes the system's error number on as its text alone. */
  private static DiskFailure of(Path path, IOException failure, String reason) {
    var lower = reason.toLowerCase(Locale.ROOT);
    if (lower.contains("no space left") || lower.contains("quota exceeded")) {
      return new DiskFailure(DiskFailure.Kind.FULL, path, "no space is left", failure);
    }
    if (lower.contains("read-only file system")) {
      return new DiskFailure(DiskFailure.Kind.DENIED, path, "the volume is read-only", failure);
    }
    if (nearlyFull(path)) {
      // The text is in the language of the system's locale, so it may say the same in other words.
      return new DiskFailure(DiskFailure.Kind.FULL, path, reason, failure);
    }
    return new DiskFailure(DiskFailure.Kind.IO, path, reason, failure);
  }

  private static boolean nearlyFull(Path path) {
    try {
      var there = Files.exists(path) ? path : path.toAbsolutePath().getParent();
      return there != null && Files.getFileStore(there).getUsableSpace() < NEARLY_NOTHING_BYTES;
    } catch (IOException unknown) {
      return false;
    }
  }
}
