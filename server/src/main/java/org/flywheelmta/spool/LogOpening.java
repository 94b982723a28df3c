package org.flywheelmta.spool;

import org.flywheelmta.base.MemoryBudget;
import org.flywheelmta.base.OperatorLog;
import org.flywheelmta.base.SingleThreadSafe;
import org.flywheelmta.disk.Disk;
import org.flywheelmta.disk.DiskFailure;
import org.flywheelmta.scheduler.Platform;
import org.jspecify.annotations.Nullable;

/**
 * Opens one volume of a spool, making its folder where it is missing. It reads the segments'
 * headers alone, and blocks on the disk for that.
 *
 * @param volume which one of {@code volumes} it is
 */
@SingleThreadSafe
record LogOpening(
    SpoolSettings settings,
    Platform platform,
    Disk disk,
    OperatorLog log,
    MemoryBudget memory,
    Recovered recovered,
    Volumes volumes,
    int volume) {
  /** How it went. Once it is open, the others of {@code volumes} know it. */
  Opened open() {
    Disk.Lock lock = null;
    Opened opened = null;
    try {
      disk.createFolder(settings.path());
      lock = disk.lock(settings.path());
      opened = open(lock);
    } catch (LinkageError missing) {
      opened =
          new Opened.Failed(
              Opened.Kind.UNUSABLE,
              "The spool cannot compress, since the library of zstd cannot be loaded: "
                  + missing.getMessage());
    } catch (DiskFailure failure) {
      opened = failed(failure);
    } finally {
      if (lock != null && !(opened instanceof Opened.Ok)) {
        lock.close();
      }
    }
    return opened;
  }

  private Opened open(Disk.Lock lock) throws DiskFailure {
    var folder = SpoolFolder.read(disk, settings.path(), settings.segmentBytes());
    var refused = refusal(folder);
    if (refused != null) {
      return refused;
    }
    for (var unfinished : folder.unfinished()) {
      disk.delete(unfinished);
    }
    if (!folder.unfinished().isEmpty()) {
      // A use that was over must not come back once this start has concluded that it is gone.
      disk.forceFolder(settings.path());
    }
    for (var damaged : folder.damaged()) {
      log.error("The header of " + damaged + " is damaged; the file is left as it is.");
    }
    long totalBytes = disk.totalBytes(settings.path());
    var codec =
        switch (settings.compression()) {
          case NONE -> null;
          case ZSTD -> new FrameCodec(platform.allocator());
        };
    var spool = new LogSpool(this, folder, totalBytes, lock, codec);
    volumes.add(volume, spool);
    return new Opened.Ok(spool);
  }

  private static Opened.Failed failed(DiskFailure failure) {
    var kind =
        switch (failure.kind()) {
          case LOCKED -> Opened.Kind.LOCKED;
          case DENIED -> Opened.Kind.DENIED;
          case IO, DAMAGED -> Opened.Kind.BROKEN;
          case FULL, MISSING, EXISTS -> Opened.Kind.UNUSABLE;
        };
    return new Opened.Failed(kind, "The spool cannot be opened: " + failure.getMessage());
  }

  private static Opened.@Nullable Failed refusal(SpoolFolder folder) {
    if (folder.unknown().isEmpty()) {
      return null;
    }
    var segment = folder.unknown().getFirst();
    return new Opened.Failed(
        Opened.Kind.UNKNOWN_VERSION,
        segment.path
            + " has format version "
            + segment.header.version()
            + "; this server knows version "
            + SegmentHeader.VERSION
            + " and has touched nothing.");
  }
}
