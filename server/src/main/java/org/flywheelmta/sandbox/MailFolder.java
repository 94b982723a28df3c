package org.flywheelmta.sandbox;

import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.flywheelmta.base.NonThreadSafe;
import org.flywheelmta.disk.Disk;
import org.flywheelmta.disk.DiskFailure;
import org.flywheelmta.intake.Reception;

/**
 * The folders of a Maildir, and the mails in them that the sandbox wrote, the oldest first. Every
 * method may block.
 */
@NonThreadSafe
final class MailFolder implements AutoCloseable {
  private static final int BUFFER_BYTES = 64 * 1024;

  private final Disk disk;
  private final Path folder;
  private final MaildirLimits limits;
  private final Disk.Lock lock;
  private final ByteBuffer buffer = ByteBuffer.allocate(BUFFER_BYTES);
  private ArrayDeque<Kept> mails = new ArrayDeque<>();
  private long bytes;
  // A mail was not where it was put, so a reader has moved some, or taken them away.
  private boolean stale;

  /** A mail in the folder. */
  private record Kept(Path path, long bytes) {}

  private MailFolder(Disk disk, Path folder, MaildirLimits limits, Disk.Lock lock) {
    this.disk = disk;
    this.folder = folder;
    this.limits = limits;
    this.lock = lock;
  }

  /**
   * Opens a Maildir, made where it is missing: takes away what an earlier run had not finished, and
   * lists the mails.
   *
   * @throws DiskFailure when it cannot be used, or another process holds it
   */
  static MailFolder open(Disk disk, Path folder, MaildirLimits limits) throws DiskFailure {
    for (var each : List.of("tmp", "new", "cur")) {
      disk.createFolder(folder.resolve(each));
    }
    var opened = new MailFolder(disk, folder, limits, disk.lock(folder));
    try {
      for (var file : disk.list(folder.resolve("tmp"))) {
        if (MailName.isUnfinished(file)) {
          disk.delete(file);
        }
      }
      opened.list();
      return opened;
    } catch (DiskFailure failure) {
      opened.close();
      throw failure;
    }
  }

  /** Finds out which mails there are, wherever a reader has moved them within the Maildir. */
  void list() throws DiskFailure {
    var found = new ArrayList<Kept>();
    for (var each : List.of("new", "cur")) {
      for (var file : disk.list(folder.resolve(each))) {
        var size = MailName.bytes(file);
        if (size.isPresent()) {
          found.add(new Kept(file, size.getAsLong()));
        }
      }
    }
    found.sort(Comparator.comparing(kept -> MailName.text(kept.path())));
    mails = new ArrayDeque<>(found);
    bytes = found.stream().mapToLong(Kept::bytes).sum();
    stale = false;
  }

  /** Begins a mail in {@code tmp/}. */
  MailFile create(Reception reception) throws DiskFailure {
    var path = folder.resolve("tmp").resolve(MailName.unfinished(reception.id()));
    return MailFile.create(disk, path, reception, buffer);
  }

  /**
   * Moves a finished mail into {@code new/}; its name is durable after {@link #force}.
   *
   * @return where it is now
   */
  Path keep(MailFile mail, Reception reception, long size) throws DiskFailure {
    var to = folder.resolve("new").resolve(MailName.of(reception.id(), size));
    disk.rename(mail.path(), to);
    mails.add(new Kept(to, size));
    bytes += size;
    return to;
  }

  /** Makes the names of the mails that were kept durable. */
  void force() throws DiskFailure {
    disk.forceFolder(folder.resolve("new"));
  }

  /** Takes a mail that was kept away again, as far as the disk lets it. */
  void takeBack(Path mail) {
    mails.removeIf(kept -> kept.path().equals(mail));
    bytes = mails.stream().mapToLong(Kept::bytes).sum();
    try {
      disk.delete(mail);
    } catch (DiskFailure stays) {
      // The sender was told that it was not taken and brings it again: there may be two of it.
    }
  }

  /** True while there is more than the limits allow. The last mail stays, however large it is. */
  boolean isOver() {
    return mails.size() > 1 && (mails.size() > limits.maxMessages() || bytes > limits.maxBytes());
  }

  /**
   * Deletes the oldest mails until the limits hold.
   *
   * @param most how many at once
   */
  void deleteOldest(int most) throws DiskFailure {
    for (int i = 0; i < most && isOver(); i++) {
      var oldest = mails.getFirst();
      try {
        disk.delete(oldest.path());
      } catch (DiskFailure failure) {
        if (failure.kind() != DiskFailure.Kind.MISSING) {
          throw failure;
        }
        stale = true;
      }
      mails.removeFirst();
      bytes -= oldest.bytes();
    }
  }

  /** True when mails are not where they were put, until {@link #list}. */
  boolean isStale() {
    return stale;
  }

  int messages() {
    return mails.size();
  }

  long bytes() {
    return bytes;
  }

  @Override
  public void close() {
    lock.close();
  }
}
