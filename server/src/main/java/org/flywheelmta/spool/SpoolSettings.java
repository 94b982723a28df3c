package org.flywheelmta.spool;

import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.flywheelmta.base.Check;
import org.flywheelmta.base.ReadOnlyThreadSafe;

/**
 * How a spool is kept.
 *
 * @param path its folder, made where it is missing
 * @param segmentBytes length of a segment, a multiple of 4096; 16 MiB where nothing else is said
 * @param maxWaitingCommits transactions and chunks that may wait for the commit thread; further
 *     ones are refused as {@link SpoolRefusal#FULL}
 * @param outcomeBacklog outcomes that may wait to be written before no further delivery begins
 * @param freeReserveBytes no segment is made that would leave less of the volume free
 * @param readThreads threads that read content back
 * @param directIo whether the log is written by direct I/O, where the file system supports it
 * @param upkeep what is done in the background
 * @param compression what is done to content above {@link Spool#CHUNK_BYTES}
 * @param dedupe how long and how many dedupe keys are kept
 */
@ReadOnlyThreadSafe
public record SpoolSettings(
    Path path,
    int segmentBytes,
    int maxWaitingCommits,
    int outcomeBacklog,
    long freeReserveBytes,
    int readThreads,
    boolean directIo,
    Upkeep upkeep,
    Compression compression,
    Dedupe dedupe) {
  /** What is done to large content before it is written; what was written so before is read. */
  public enum Compression {
    /** It is written as it is. */
    NONE,
    /** Its parts become frames of zstd (RFC 8878) where that saves an eighth of them. */
    ZSTD
  }

  /**
   * How dedupe keys are kept.
   *
   * @param retentionMicros how long after its transaction began a key is over
   * @param mostKeys above so many the oldest go first; 0 for none
   */
  public record Dedupe(long retentionMicros, int mostKeys) {
    /** How they are kept where nothing else is said: for a day. */
    public static final Dedupe DEFAULT = new Dedupe(TimeUnit.DAYS.toMicros(1), 1_000_000);
  }

  /**
   * What is done in the background.
   *
   * @param compactionPercent segments are compacted while they hold more than so much of what is
   *     needed in them, in percent, at least 101
   * @param compactionBytesPerSecond how fast octets are moved at most; 0 for not at all
   * @param verifyBytesPerSecond how fast a start verifies what it did not read; 0 for not at all
   */
  public record Upkeep(
      int compactionPercent, long compactionBytesPerSecond, long verifyBytesPerSecond) {
    /** What is done where nothing else is said. */
    public static final Upkeep DEFAULT = new Upkeep(125, 16L << 20, 32L << 20);

    public Upkeep {
      Check.that(compactionPercent > 100, "compaction that never ends");
    }
  }

  /** Length of a segment where nothing else is said. */
  public static final int SEGMENT_BYTES = 16 * 1024 * 1024;

  public SpoolSettings {
    Check.that(
        segmentBytes >= 16 * SegmentHeader.BLOCK_BYTES
            && segmentBytes % SegmentHeader.BLOCK_BYTES == 0,
        "a segment's length is too small or no multiple of 4096");
  }

  /** The settings that a spool has where only its folder is known. */
  public static SpoolSettings of(Path path) {
    return new SpoolSettings(
        path,
        SEGMENT_BYTES,
        100_000,
        100_000,
        64L * 1024 * 1024,
        4,
        true,
        Upkeep.DEFAULT,
        Compression.NONE,
        Dedupe.DEFAULT);
  }
}
