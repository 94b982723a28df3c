package org.flywheelmta.disk;

import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Function;
import java.util.random.RandomGenerator;
import org.flywheelmta.base.ConcurrentThreadSafe;
import org.jspecify.annotations.Nullable;

/**
 * A disk in memory that knows what was forced and what was not. {@link #crash} is a power cut: it
 * forgets what was not forced, or a part of it, as the mode says. Each operation has a number, from
 * 1; {@link #faults} may fail it, and {@link #cutPowerAt} ends the machine's power in the middle of
 * it: the operation and every one after it throw {@link PowerCut} until {@link #crash}.
 *
 * <p>Folders are durable when they are made. Names are durable after {@link #forceFolder}, in the
 * order of their changes, as a journal of the file system keeps them.
 */
@ConcurrentThreadSafe
public final class SimDisk implements Disk {
  /** What can be counted and failed. */
  public enum Operation {
    OPEN,
    CREATE,
    LIST,
    RENAME,
    DELETE,
    FORCE_FOLDER,
    LOCK,
    READ,
    WRITE,
    FORCE
  }

  /** What becomes of the bytes and names that were not forced. */
  public enum CrashMode {
    /** All of them are lost. */
    DROPPED,
    /** All of them are there. */
    KEPT,
    /** Some sectors of 64 to 4096 bytes are there and some are not, one of them in part. */
    TORN
  }

  /** Decides which operations fail. */
  @FunctionalInterface
  public interface Faults {
    /**
     * @param number of the operation, from 1
     * @return what goes wrong, or null
     */
    DiskFailure.@Nullable Kind onOperation(Operation operation, long number, Path file);
  }

  /** The power is off. */
  public static final class PowerCut extends RuntimeException {
    private static final long serialVersionUID = 1L;

    PowerCut() {
      super("the power is off", null, false, false);
    }
  }

  /** One entry of the journal: a name that is gone, and one that means these bytes. */
  private record NameChange(@Nullable Path gone, @Nullable Path name, @Nullable SimBytes bytes) {
    void apply(Map<Path, SimBytes> names) {
      if (gone != null) {
        names.remove(gone);
      }
      if (name != null && bytes != null) {
        names.put(name, bytes);
      }
    }

    boolean in(Path folder) {
      var either = name == null ? gone : name;
      return either != null && folder.equals(either.getParent());
    }
  }

  private final ReentrantLock guard = new ReentrantLock();
  private final Map<Path, SimBytes> names = new TreeMap<>();
  private final Map<Path, SimBytes> forcedNames = new TreeMap<>();
  private final List<NameChange> unforcedNames = new ArrayList<>();
  private final Set<Path> folders = new TreeSet<>();
  private final Set<Path> locked = new HashSet<>();
  private final Map<Operation, Long> counts = new EnumMap<>(Operation.class);
  private final long capacityBytes;
  private Faults faults = (operation, number, file) -> null;
  private long operations;
  private long cutAt = Long.MAX_VALUE;
  private boolean off;
  private boolean failingWhileOff;
  private boolean forceIgnored;
  private boolean blocksTorn;
  // Files that were opened before a crash are of an earlier boot.
  private int boot;

  public SimDisk() {
    this(1L << 40);
  }

  /**
   * @param capacityBytes the sum of all files' lengths at which writes fail with {@code FULL}
   */
  public SimDisk(long capacityBytes) {
    this.capacityBytes = capacityBytes;
  }

  /** Sets what fails from now on; replaces what was set before. */
  public void faults(Faults faults) {
    locked(() -> this.faults = faults);
  }

  /** Nothing fails any more. */
  public void noFaults() {
    faults((operation, number, file) -> null);
  }

  /** Cuts the power in the middle of the operation of that number. */
  public void cutPowerAt(long number) {
    locked(() -> cutAt = number);
  }

  /**
   * Cuts the power now, and lets operations fail with {@code IO} instead of {@link PowerCut} until
   * the crash, so that what the dead process holds in memory can be given back in an orderly way.
   */
  public void powerOffQuietly() {
    locked(
        () -> {
          off = true;
          failingWhileOff = true;
        });
  }

  /** True: the disk lies, {@code force} answers and does nothing, of files and folders alike. */
  public void ignoreForce(boolean ignored) {
    locked(() -> forceIgnored = ignored);
  }

  /**
   * True: a crash of mode {@code TORN} takes whole blocks of 4096 bytes. One that was written and
   * not forced may hold anything afterwards, in place of what was forced in it before, too.
   */
  public void tearBlocks(boolean torn) {
    locked(() -> blocksTorn = torn);
  }

  /** How many operations there were. */
  public long operations() {
    return operations;
  }

  /** How many operations of one sort there were. */
  public long count(Operation operation) {
    return counts.getOrDefault(operation, 0L);
  }

  /** True after the power was cut, until {@link #crash}. */
  public boolean isOff() {
    return off;
  }

  /** A power cut and a new boot: open files are dead, locks are free, the power is on. */
  public void crash(CrashMode mode, RandomGenerator random) {
    locked(
        () -> {
          int kept =
              switch (mode) {
                case DROPPED -> 0;
                case KEPT -> unforcedNames.size();
                case TORN -> random.nextInt(unforcedNames.size() + 1);
              };
          unforcedNames.subList(0, kept).forEach(change -> change.apply(forcedNames));
          unforcedNames.clear();
          names.clear();
          names.putAll(forcedNames);
          names.values().forEach(bytes -> bytes.crash(mode, blocksTorn, random));
          boot();
        });
  }

  /** The process ends and the machine goes on: nothing is lost, open files are dead. */
  public void killProcess() {
    locked(this::boot);
  }

  private void boot() {
    locked.clear();
    off = false;
    failingWhileOff = false;
    cutAt = Long.MAX_VALUE;
    boot++;
  }

  /** Another disk that holds the same, forced and unforced, without its faults and locks. */
  public SimDisk copy() {
    guard.lock();
    try {
      var copy = new SimDisk(capacityBytes);
      var copies = new IdentityHashMap<SimBytes, SimBytes>();
      Function<SimBytes, SimBytes> copied = bytes -> copies.computeIfAbsent(bytes, SimBytes::copy);
      names.forEach((name, bytes) -> copy.names.put(name, copied.apply(bytes)));
      forcedNames.forEach((name, bytes) -> copy.forcedNames.put(name, copied.apply(bytes)));
      for (var change : unforcedNames) {
        var bytes = change.bytes();
        copy.unforcedNames.add(
            new NameChange(
                change.gone(), change.name(), bytes == null ? null : copied.apply(bytes)));
      }
      copy.folders.addAll(folders);
      copy.operations = operations;
      copy.blocksTorn = blocksTorn;
      return copy;
    } finally {
      guard.unlock();
    }
  }

  /** The files of the disk, sorted, as they are now. */
  public List<Path> files() {
    return List.copyOf(names.keySet());
  }

  /** The bytes of a file as they are now. */
  public byte[] bytes(Path file) {
    return present(file).toArray();
  }

  /** Writes a whole file, durable at once: what a test puts there. */
  public void put(Path file, byte[] bytes) {
    locked(
        () -> {
          var stored = SimBytes.forced(bytes);
          names.put(file, stored);
          forcedNames.put(file, stored);
        });
  }

  /** Bit rot: changes one byte, durably. */
  public void flip(Path file, long position, int mask) {
    locked(() -> present(file).flip(position, mask));
  }

  private SimBytes present(Path file) {
    var bytes = names.get(file);
    if (bytes == null) {
      throw new IllegalArgumentException("there is no file " + file);
    }
    return bytes;
  }

  private void locked(Runnable action) {
    guard.lock();
    try {
      action.run();
    } finally {
      guard.unlock();
    }
  }

  /** Begins an operation; returns true when the power goes in the middle of it. */
  private boolean begin(Operation operation, Path file) throws DiskFailure {
    if (off) {
      throw powerCut(file);
    }
    operations++;
    counts.merge(operation, 1L, Long::sum);
    if (operations >= cutAt) {
      off = true;
      return true;
    }
    var kind = faults.onOperation(operation, operations, file);
    if (kind != null) {
      throw new DiskFailure(kind, file, "a fault was injected", null);
    }
    return false;
  }

  private PowerCut powerCut(Path file) throws DiskFailure {
    if (failingWhileOff) {
      throw new DiskFailure(DiskFailure.Kind.IO, file, "the power is off", null);
    }
    return new PowerCut();
  }

  private interface Step<T> {
    T take() throws DiskFailure;
  }

  private <T> T operate(Operation operation, Path file, Step<T> step) throws DiskFailure {
    guard.lock();
    try {
      if (begin(operation, file)) {
        // What was under way may have happened; whether it did shows in the mode of the crash.
        step.take();
        throw new PowerCut();
      }
      return step.take();
    } finally {
      guard.unlock();
    }
  }

  @Override
  public DiskFile openRead(Path file) throws DiskFailure {
    return operate(Operation.OPEN, file, () -> new OpenFile(file, existing(file), boot, false));
  }

  @Override
  public DiskFile openWrite(Path file) throws DiskFailure {
    return operate(Operation.OPEN, file, () -> new OpenFile(file, existing(file), boot, true));
  }

  @Override
  public DiskFile openDirect(Path file) throws DiskFailure {
    return openWrite(file);
  }

  @Override
  public DiskFile createDirect(Path file) throws DiskFailure {
    return create(file);
  }

  @Override
  public DiskFile create(Path file) throws DiskFailure {
    return operate(
        Operation.CREATE,
        file,
        () -> {
          if (exists(file)) {
            throw new DiskFailure(DiskFailure.Kind.EXISTS, file, "it exists already", null);
          }
          folderOf(file);
          var bytes = new SimBytes();
          change(new NameChange(null, file, bytes));
          return new OpenFile(file, bytes, boot, true);
        });
  }

  private void change(NameChange change) {
    unforcedNames.add(change);
    change.apply(names);
  }

  private Path folderOf(Path file) throws DiskFailure {
    var folder = file.getParent();
    if (folder == null || !folders.contains(folder)) {
      throw new DiskFailure(DiskFailure.Kind.MISSING, file, "there is no such folder", null);
    }
    return folder;
  }

  private SimBytes existing(Path file) throws DiskFailure {
    var bytes = names.get(file);
    if (bytes == null) {
      throw new DiskFailure(DiskFailure.Kind.MISSING, file, "there is no such file", null);
    }
    return bytes;
  }

  @Override
  public void createFolder(Path folder) throws DiskFailure {
    operate(
        Operation.CREATE,
        folder,
        () -> {
          for (Path path = folder; path != null; path = path.getParent()) {
            folders.add(path);
          }
          return folder;
        });
  }

  @Override
  public List<Path> list(Path folder) throws DiskFailure {
    return operate(
        Operation.LIST,
        folder,
        () -> {
          if (!folders.contains(folder)) {
            throw new DiskFailure(DiskFailure.Kind.MISSING, folder, "there is no such file", null);
          }
          var found = new TreeSet<Path>();
          names.keySet().stream().filter(p -> folder.equals(p.getParent())).forEach(found::add);
          folders.stream().filter(p -> folder.equals(p.getParent())).forEach(found::add);
          return List.copyOf(found);
        });
  }

  @Override
  public boolean exists(Path file) {
    return names.containsKey(file) || folders.contains(file);
  }

  @Override
  public void rename(Path from, Path to) throws DiskFailure {
    operate(
        Operation.RENAME,
        from,
        () -> {
          var bytes = existing(from);
          folderOf(to);
          change(new NameChange(from, to, bytes));
          return to;
        });
  }

  @Override
  public void delete(Path file) throws DiskFailure {
    operate(
        Operation.DELETE,
        file,
        () -> {
          existing(file);
          change(new NameChange(file, null, null));
          return file;
        });
  }

  @Override
  public void forceFolder(Path folder) throws DiskFailure {
    operate(
        Operation.FORCE_FOLDER,
        folder,
        () -> {
          if (!forceIgnored && !off) {
            var here = unforcedNames.stream().filter(change -> change.in(folder)).toList();
            here.forEach(change -> change.apply(forcedNames));
            unforcedNames.removeAll(here);
          }
          return folder;
        });
  }

  @Override
  public Lock lock(Path folder) throws DiskFailure {
    return operate(
        Operation.LOCK,
        folder,
        () -> {
          if (!locked.add(folder)) {
            throw new DiskFailure(
                DiskFailure.Kind.LOCKED, folder, "it is locked by process 1", null);
          }
          int bootOfLock = boot;
          return () ->
              locked(
                  () -> {
                    if (bootOfLock == boot) {
                      locked.remove(folder);
                    }
                  });
        });
  }

  private long usedBytes() {
    return names.values().stream().mapToLong(SimBytes::size).sum();
  }

  @Override
  public long freeBytes(Path folder) {
    return Math.max(0, capacityBytes - usedBytes());
  }

  @Override
  public long totalBytes(Path folder) {
    return capacityBytes;
  }

  /** An open file. */
  private final class OpenFile implements DiskFile {
    private final Path path;
    private final SimBytes bytes;
    private final int openedInBoot;
    private final boolean writable;
    private boolean closed;

    OpenFile(Path path, SimBytes bytes, int openedInBoot, boolean writable) {
      this.path = path;
      this.bytes = bytes;
      this.openedInBoot = openedInBoot;
      this.writable = writable;
    }

    private <T> T with(Operation operation, Step<T> step) throws DiskFailure {
      if (closed) {
        throw new IllegalStateException(path + " is closed");
      }
      if (openedInBoot != boot) {
        throw new PowerCut();
      }
      return operate(operation, path, step);
    }

    @Override
    public void write(ByteBuffer[] buffers, int offset, int count, long position)
        throws DiskFailure {
      if (!writable) {
        throw new DiskFailure(DiskFailure.Kind.DENIED, path, "opened for reading", null);
      }
      with(
          Operation.WRITE,
          () -> {
            long at = position;
            for (int i = offset; i < offset + count; i++) {
              long end = at + buffers[i].remaining();
              if (end - bytes.size() > freeBytes(path)) {
                throw new DiskFailure(DiskFailure.Kind.FULL, path, "no space is left", null);
              }
              bytes.write(buffers[i], at);
              at = end;
            }
            return at;
          });
    }

    @Override
    public void write(ByteBuffer buffer, long position) throws DiskFailure {
      write(new ByteBuffer[] {buffer}, 0, 1, position);
    }

    @Override
    public int read(ByteBuffer buffer, long position) throws DiskFailure {
      return with(Operation.READ, () -> bytes.read(buffer, position));
    }

    @Override
    public void force() throws DiskFailure {
      try {
        with(
            Operation.FORCE,
            () -> {
              if (!forceIgnored && !off) {
                bytes.force();
              }
              return path;
            });
      } catch (DiskFailure failure) {
        // As on Linux: the pages count as clean, and a later force does not write them.
        if (!off) {
          bytes.forgetUnforced();
        }
        throw failure;
      }
    }

    @Override
    public long size() {
      return bytes.size();
    }

    @Override
    public void close() {
      closed = true;
    }
  }
}
