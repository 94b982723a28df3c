package org.flywheelmta.spool;

import java.nio.ByteBuffer;
import java.nio.file.Path;
import org.flywheelmta.base.OperatorLog;
import org.flywheelmta.base.SingleThreadSafe;
import org.flywheelmta.disk.Disk;
import org.flywheelmta.disk.DiskFailure;

/**
 * Sets octets of the spool aside that are no records though they should be, and tells the operator,
 * once for each: a later start finds the copy there and is silent.
 */
@SingleThreadSafe
final class Quarantine {
  /** Of each place no more is kept. */
  static final int MAX_BYTES = 1024 * 1024;

  private final Disk disk;
  private final Path folder;
  private final OperatorLog log;

  Quarantine(Disk disk, Path spool, OperatorLog log) {
    this.disk = disk;
    this.folder = SpoolFolder.quarantine(spool);
    this.log = log;
  }

  /** Octets that were forced once and cannot be read, or that a stop tore. */
  void keep(RecoveryScan.Finding finding) {
    var hole = finding.hole();
    var segment = finding.segment();
    var what =
        finding.damage()
            ? "is damaged: records that were forced cannot be read"
            : "ends in records that a stop left unfinished and nobody was told were kept";
    keep(segment, hole.from(), hole.to(), what, finding.damage());
  }

  /** A transaction of which parts are missing. */
  void keep(RecoveryScan.Incomplete incomplete) {
    var what = "holds transaction " + incomplete.id() + ", whose content is not complete";
    keep(incomplete.home(), what, incomplete.damage());
  }

  /** The record of a transaction, or a chunk of it, that was whole once and cannot be read now. */
  void keepDamaged(Extent extent) {
    keep(extent, "is damaged: a record that was forced cannot be read", true);
  }

  private void keep(Extent extent, String what, boolean damage) {
    int end = extent.position() + (int) extent.bytes();
    keep(extent.segment(), extent.position(), end, what, damage);
  }

  private void keep(Segment segment, int from, int to, String what, boolean damage) {
    var name = segment.path.getFileName() + "-" + segment.header.epoch() + "-" + from;
    var copy = folder.resolve(name);
    var line = segment.path + " " + what + ", from octet " + from;
    try {
      if (disk.exists(copy)) {
        return;
      }
      disk.createFolder(folder);
      copy(segment, from, Math.min(to, from + MAX_BYTES), copy);
      line += "; kept in " + copy;
    } catch (DiskFailure failure) {
      line += "; it could not be kept aside: " + failure.getMessage();
    }
    log.write(damage ? OperatorLog.Level.ERROR : OperatorLog.Level.WARNING, line + ".");
  }

  private void copy(Segment segment, int from, int to, Path copy) throws DiskFailure {
    var unfinished = folder.resolve(copy.getFileName() + ".new");
    if (disk.exists(unfinished)) {
      disk.delete(unfinished);
    }
    var bytes = ByteBuffer.allocate(to - from);
    try (var source = disk.openRead(segment.path);
        var target = disk.create(unfinished)) {
      source.read(bytes, from);
      target.write(bytes.flip(), 0);
      // Before the segment may be recycled, so that the only copy is never lost.
      target.force();
    }
    disk.rename(unfinished, copy);
    disk.forceFolder(folder);
  }
}
