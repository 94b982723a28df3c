package org.flywheelmta.auth;

import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.Base64;
import java.util.TreeMap;
import org.flywheelmta.base.ConcurrentThreadSafe;
import org.flywheelmta.base.Randomness;
import org.flywheelmta.disk.Disk;
import org.flywheelmta.disk.DiskFailure;

/** An accounts file, read and written as a whole. Every method blocks. */
@ConcurrentThreadSafe
public final class AccountsFile {
  /** The most octets of a file. */
  public static final long MOST_OCTETS = 256L << 20;

  private final Disk disk;
  private final Path path;

  public AccountsFile(Disk disk, Path path) {
    this.disk = disk;
    this.path = path;
  }

  public Path path() {
    return path;
  }

  /** The octets of the file. */
  byte[] octets() throws DiskFailure {
    try (var file = disk.openRead(path)) {
      long size = file.size();
      if (size > MOST_OCTETS) {
        throw new DiskFailure(
            DiskFailure.Kind.DAMAGED, path, "it has more than " + MOST_OCTETS + " octets", null);
      }
      var octets = new byte[(int) size];
      int read = file.read(ByteBuffer.wrap(octets), 0);
      if (read < size) {
        throw new DiskFailure(DiskFailure.Kind.IO, path, "it became shorter", null);
      }
      return octets;
    }
  }

  /**
   * What it holds.
   *
   * @throws DiskFailure of kind {@code DAMAGED} where it is no accounts file
   */
  public AccountsText read() throws DiskFailure {
    return switch (AccountsText.parse(octets())) {
      case AccountsText.Read.Good(var text) -> text;
      case AccountsText.Read.Bad(var why) ->
          throw new DiskFailure(DiskFailure.Kind.DAMAGED, path, why, null);
    };
  }

  /** What it holds; no accounts and a new secret where there is no file. */
  public AccountsText readOrBegin(Randomness randomness) throws DiskFailure {
    if (disk.exists(path)) {
      return read();
    }
    var secret = ByteBuffer.allocate(AccountsText.SECRET_OCTETS);
    while (secret.hasRemaining()) {
      secret.putLong(randomness.secret());
    }
    return new AccountsText(Base64.getEncoder().encodeToString(secret.array()), new TreeMap<>());
  }

  /**
   * Replaces it, mode 0600; durable when it returns. A reader sees the file of before or this one.
   * Whoever writes holds {@link #lock}.
   */
  public void write(AccountsText text) throws DiskFailure {
    var fresh = path.resolveSibling(path.getFileName() + ".new");
    if (disk.exists(fresh)) {
      disk.delete(fresh);
    }
    try (var file = disk.create(fresh)) {
      file.write(ByteBuffer.wrap(text.print()), 0);
      file.force();
    }
    disk.rename(fresh, path);
    disk.forceFolder(folder());
  }

  /**
   * Keeps other writers away: a folder beside the file, {@code NAME.lock}, is locked.
   *
   * @throws DiskFailure of kind {@code LOCKED} while another one writes
   */
  public Disk.Lock lock() throws DiskFailure {
    var lock = path.resolveSibling(path.getFileName() + ".lock");
    disk.createFolder(lock);
    return disk.lock(lock);
  }

  private Path folder() {
    var parent = path.toAbsolutePath().getParent();
    return parent == null ? path : parent;
  }
}
