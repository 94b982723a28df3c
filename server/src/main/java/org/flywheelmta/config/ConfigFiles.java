package org.flywheelmta.config;

import java.nio.ByteBuffer;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The door to where configuration files live. {@code main} implements it over real files; the room
 * itself never touches a disk.
 */
public interface ConfigFiles {
  /** The longest file that is accepted, in bytes; an implementation need not read beyond it. */
  int MAX_FILE_BYTES = Limits.FILE_BYTES;

  /**
   * Reads a file, or lists a folder.
   *
   * @param path as the operator wrote it; a relative one counts from the folder of {@code
   *     includingFile}, or from the working folder where that is null
   * @param includingFile the {@code name} of the file that includes this one
   */
  Result read(String path, @Nullable String includingFile);

  /** What the door found. */
  sealed interface Result {
    /**
     * A file.
     *
     * @param name shown in errors; normalised, so that one file has one name
     * @param bytes from position to limit, handed over to the caller
     */
    record File(String name, ByteBuffer bytes) implements Result {}

    /**
     * A folder.
     *
     * @param paths of its entries, in any order, each good for another {@code read} with the same
     *     including file; the last part of each is the entry's own name
     */
    record Folder(List<String> paths) implements Result {}

    /** Nothing could be read; {@code why} goes into "cannot read FILE: why". */
    record Unreadable(String why) implements Result {}
  }
}
