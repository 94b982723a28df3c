package org.flywheelmta.spool;

import java.nio.file.Path;
import org.flywheelmta.base.Check;
import org.flywheelmta.base.ReadOnlyThreadSafe;

/**
 * How a spool is kept.
 *
 * @param path its folder, made where it is missing
 * @param segmentBytes length of a segment, a multiple of 4096; 64 MiB where nothing else is said
 * @param maxWaitingCommits transactions and chunks that may wait for the commit thread; further
 *     ones are refused as {@link SpoolRefusal#FULL}
 * @param outcomeBacklog outcomes that may wait to be written before no further delivery begins
 * @param freeReserveBytes no segment is made that would leave less of the volume free
 * @param readThreads threads that read content back
 */
@ReadOnlyThreadSafe
public record SpoolSettings(
    Path path,
    int segmentBytes,
    int maxWaitingCommits,
    int outcomeBacklog,
    long freeReserveBytes,
    int readThreads) {
  /** Length of a segment where nothing else is said. */
  public static final int SEGMENT_BYTES = 64 * 1024 * 1024;

  public SpoolSettings {
    Check.that(
        segmentBytes >= 16 * SegmentHeader.BLOCK_BYTES
            && segmentBytes % SegmentHeader.BLOCK_BYTES == 0,
        "a segment's length is too small or no multiple of 4096");
  }

  /** The settings that a spool has where only its folder is known. */
  public static SpoolSettings of(Path path) {
    return new SpoolSettings(path, SEGMENT_BYTES, 100_000, 100_000, 64L * 1024 * 1024, 4);
  }
}
