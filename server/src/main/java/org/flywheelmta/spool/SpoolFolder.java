package org.flywheelmta.spool;

import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.flywheelmta.base.SingleThreadSafe;
import org.flywheelmta.disk.Disk;
import org.flywheelmta.disk.DiskFailure;

/**
 * What a spool's folder holds, by the segments' headers alone.
 *
 * @param segments in use, in the order of their LSNs
 * @param blanks ready for use
 * @param unfinished files of segments that were being made or blanked when the server ended, and
 *     blank ones of another length than is used now: nothing in them is needed
 * @param damaged segments whose header cannot be read; nothing touches them
 * @param unknown segments of an unknown version
 */
@SingleThreadSafe
record SpoolFolder(
    List<Segment> segments,
    List<LogWriter.Spare> blanks,
    List<Path> unfinished,
    List<Path> damaged,
    List<Segment> unknown) {
  private static final String PREFIX = "segment-";
  private static final String SUFFIX = ".fws";
  private static final String UNFINISHED = ".new";
  private static final int DIGITS = 8;

  static Path segment(Path folder, int number) {
    return folder.resolve(PREFIX + padded(number) + SUFFIX);
  }

  static Path unfinished(Path folder, int number) {
    return folder.resolve(PREFIX + padded(number) + UNFINISHED);
  }

  static Path quarantine(Path folder) {
    return folder.resolve("quarantine");
  }

  private static String padded(int number) {
    var digits = Integer.toString(number);
    return "0".repeat(Math.max(0, DIGITS - digits.length())) + digits;
  }

  /** The number in a segment's name; -1 where it is none. */
  private static int number(String name) {
    int number = 0;
    int end = name.length() - SUFFIX.length();
    if (!name.startsWith(PREFIX) || end <= PREFIX.length() || end > PREFIX.length() + 9) {
      return -1;
    }
    for (int i = PREFIX.length(); i < end; i++) {
      int digit = name.charAt(i) - '0';
      if (digit < 0 || digit > 9) {
        return -1;
      }
      number = number * 10 + digit;
    }
    return number;
  }

  /**
   * Reads the headers of all segments; changes nothing.
   *
   * @param segmentBytes how long a segment is now
   */
  static SpoolFolder read(Disk disk, Path path, int segmentBytes) throws DiskFailure {
    var read =
        new SpoolFolder(
            new ArrayList<>(),
            new ArrayList<>(),
            new ArrayList<>(),
            new ArrayList<>(),
            new ArrayList<>());
    var block = ByteBuffer.allocate(SegmentHeader.READ_BYTES);
    for (var file : disk.list(path)) {
      var name = file.getFileName().toString();
      int number = number(name);
      if (number >= 0 && name.endsWith(UNFINISHED)) {
        read.unfinished.add(file);
      } else if (number >= 0 && name.endsWith(SUFFIX)) {
        read.add(disk, file, number, block.clear(), segmentBytes);
      }
    }
    read.segments.sort(Comparator.comparingLong(segment -> segment.header.firstLsn()));
    return read;
  }

  private void add(Disk disk, Path path, int number, ByteBuffer block, int segmentBytes)
      throws DiskFailure {
    long size;
    try (var file = disk.openRead(path)) {
      if (file.read(block, 0) < SegmentHeader.READ_BYTES) {
        damaged.add(path);
        return;
      }
      size = file.size();
    } catch (DiskFailure failure) {
      if (failure.kind() != DiskFailure.Kind.IO) {
        throw failure;
      }
      damaged.add(path);
      return;
    }
    switch (SegmentHeader.read(block)) {
      case SegmentHeader.Read.Valid(var header) when !header.isKnownVersion() ->
          unknown.add(new Segment(path, header, Segment.Phase.CLOSED));
      case SegmentHeader.Read.Valid(var header) ->
          segments.add(new Segment(path, header, Segment.Phase.CLOSED));
      case SegmentHeader.Read.Blank() when size != segmentBytes -> unfinished.add(path);
      case SegmentHeader.Read.Blank() -> blanks.add(new LogWriter.Spare(number, path));
      case SegmentHeader.Read.Retired() -> unfinished.add(path);
      case SegmentHeader.Read.Damaged() -> damaged.add(path);
    }
  }

  /** The epoch that a start of the server begins. */
  long nextEpoch() {
    long last = 0;
    for (var segment : segments) {
      last = Math.max(last, segment.header.epoch());
    }
    return last + 1;
  }

  /** A number that no file in the folder has. */
  int nextNumber() {
    int last = 0;
    for (var segment : segments) {
      last = Math.max(last, number(segment.path.getFileName().toString()));
    }
    for (var blank : blanks) {
      last = Math.max(last, blank.number());
    }
    for (var path : damaged) {
      last = Math.max(last, number(path.getFileName().toString()));
    }
    return last + 1;
  }
}
