package org.flywheelmta.disk;

import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.List;
import org.flywheelmta.base.ConcurrentThreadSafe;

/** A file system, as far as the server needs one. Every method may block. */
@ConcurrentThreadSafe
public interface Disk {
  /** What direct I/O moves at once, and where its memory begins, at most. */
  int BLOCK_BYTES = 4096;

  /** Memory beside the heap that begins at a block, {@code bytes} of it. */
  static ByteBuffer blocks(int bytes) {
    return ByteBuffer.allocateDirect(bytes + BLOCK_BYTES).alignedSlice(BLOCK_BYTES).slice(0, bytes);
  }

  /** Opens an existing file for reading. */
  DiskFile openRead(Path file) throws DiskFailure;

  /** Opens an existing file for reading and writing. */
  DiskFile openWrite(Path file) throws DiskFailure;

  /**
   * Opens an existing file for reading and writing past the page cache, where the file system
   * supports direct I/O, else as {@link #openWrite} does. For files that are written in large
   * pieces and hardly read: a write waits for the disk, though it is not durable before the force,
   * and what was written is read from the disk itself. As long as it is open nobody else writes the
   * file; anyone may read it.
   *
   * <p>Whole blocks of {@link #BLOCK_BYTES} in memory of {@link #blocks} are written as they are;
   * all else is copied first. An open file holds up to 1 MiB beside the heap, kept for the next one
   * when it closes.
   */
  DiskFile openDirect(Path file) throws DiskFailure;

  /**
   * Creates a file, mode 0600, and opens it for reading and writing. Its name is durable only after
   * {@link #forceFolder} of its folder.
   */
  DiskFile create(Path file) throws DiskFailure;

  /** Creates a file as {@link #create} does and opens it as {@link #openDirect} does. */
  DiskFile createDirect(Path file) throws DiskFailure;

  /**
   * Creates a folder and its missing parents, mode 0700, durable when it returns; one that exists
   * is left as it is.
   */
  void createFolder(Path folder) throws DiskFailure;

  /** The files and folders in a folder, sorted by name. */
  List<Path> list(Path folder) throws DiskFailure;

  /** True when there is a file or folder of that name. */
  boolean exists(Path file);

  /**
   * Renames within a folder, replacing what has the new name; durable after {@link #forceFolder}.
   */
  void rename(Path from, Path to) throws DiskFailure;

  /** Deletes a file; durable after {@link #forceFolder}. */
  void delete(Path file) throws DiskFailure;

  /** Makes creations, renames and deletions in a folder durable. */
  void forceFolder(Path folder) throws DiskFailure;

  /**
   * Locks a folder for this process until the lock is closed or the process ends, writing the
   * process id where a contender finds it.
   *
   * @throws DiskFailure of kind {@code LOCKED}, naming the holder's process id where it is known
   */
  Lock lock(Path folder) throws DiskFailure;

  /** Bytes that this process may still write on the folder's volume. */
  long freeBytes(Path folder) throws DiskFailure;

  /** Bytes of the folder's volume in all. */
  long totalBytes(Path folder) throws DiskFailure;

  /** A folder held by this process. */
  interface Lock extends AutoCloseable {
    @Override
    void close();
  }
}
