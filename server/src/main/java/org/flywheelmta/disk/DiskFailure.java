package org.flywheelmta.disk;

import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/** What a file system refused or failed to do. */
public final class DiskFailure extends Exception {
  private static final long serialVersionUID = 1L;

  /** What callers tell apart. */
  public enum Kind {
    /** No space, or no inode, is left. */
    FULL,
    /** Permission is missing, or the file system is read-only. */
    DENIED,
    /** There is no such file or folder. */
    MISSING,
    /** It exists already. */
    EXISTS,
    /** Another process holds the folder's lock. */
    LOCKED,
    /** What is read is not what was written. */
    DAMAGED,
    /** The device or the file system failed. */
    IO
  }

  private final Kind kind;
  private final String message;

  /**
   * @param text one sentence without the path, which is put before it
   */
  public DiskFailure(Kind kind, Path path, String text, @Nullable Throwable cause) {
    super(cause);
    this.kind = kind;
    this.message = path + ": " + text;
  }

  /** The path and one sentence. */
  @Override
  public String getMessage() {
    return message;
  }

  public Kind kind() {
    return kind;
  }
}
