package org.flywheelmta.torture;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * A file system of its own, in a file that a loop device mounts, whose power can be cut: what the
 * machine has not written back to the file is not in the file, so a copy of the file is what a disk
 * holds that lost its power.
 *
 * <p>Two things are made sure of at each cut. Nothing was written while the copy was made, since a
 * copy of two moments is no disk that ever was. And a file that was written and not forced just
 * before is not in the copy: if it were, the cut would take nothing away and prove nothing. What a
 * disk's own cache loses is not part of this: a loop device has none.
 *
 * <p>For one thread; a harness that is interrupted unmounts it too.
 */
final class LoopVolume implements Cut {
  private static final int COPIES_AT_MOST = 50;
  private static final long PAUSE_NANOS = 100_000_000;
  private static final String MARKER = "never-forced";
  private static final String MARK = "x".repeat(20_000);

  private static final int WRITES_FIELD = 4;
  private static final int IN_FLIGHT_FIELD = 8;
  private static final int DISCARDS_FIELD = 11;

  private final Path images;
  private final Path image;
  private final Path copy;
  private final Path mountPoint;
  private final Thread reaper;
  // The thread that ends an interrupted harness waits until a cut under way is over.
  private final ReentrantLock guard = new ReentrantLock();
  private boolean isMounted;
  private boolean isOver;

  private LoopVolume(Path place, Path images) {
    this.images = images;
    this.image = images.resolve("volume");
    this.copy = images.resolve("copy");
    this.mountPoint = place.resolve("volume");
    this.reaper = new Thread(this::discard);
  }

  /**
   * Makes and mounts one; ends the run early where the machine does not allow it.
   *
   * @param place of the run, where it is mounted
   * @param folder where a folder for its file is made
   */
  static LoopVolume make(Path place, Path folder, long bytes)
      throws IOException, InterruptedException {
    if (!Files.getAttribute(Path.of("/proc/self"), "unix:uid").equals(0)) {
      throw new Unavailable("a volume is mounted, which needs root; run it as root");
    }
    var volume = new LoopVolume(place, Files.createTempDirectory(folder, "flywheel-volume-"));
    Files.createDirectories(volume.mountPoint);
    try (var file = new RandomAccessFile(volume.image.toFile(), "rw")) {
      file.setLength(bytes);
    }
    // All at once, so that nothing is written later but what the server and its journal write.
    var whole = "lazy_itable_init=0,lazy_journal_init=0";
    var image = volume.image.toString();
    Runtime.getRuntime().addShutdownHook(volume.reaper);
    String failure = run(List.of("mkfs.ext4", "-q", "-F", "-m", "0", "-E", whole, image));
    if (failure == null) {
      failure = volume.mount();
    }
    if (failure != null) {
      volume.close();
      throw new Unavailable("no file system in a file can be mounted here: " + failure);
    }
    return volume;
  }

  @Override
  public Path data(@Nullable Path asked) {
    return mountPoint.resolve("data");
  }

  /** Small segments, so that there are many, and the file is soon copied. */
  @Override
  public Relay.Settings settings() {
    return new Relay.Settings(List.of(), List.of(), List.of("segment_size = 4194304"));
  }

  @Override
  public Kill cut(RelayProcess server) throws IOException, InterruptedException {
    guard.lock();
    try {
      if (isOver) {
        throw new IOException("the volume is gone, since the harness is ending");
      }
      return cutGuarded(server);
    } finally {
      guard.unlock();
    }
  }

  private Kill cutGuarded(RelayProcess server) throws IOException, InterruptedException {
    long sentMicros = MicroClock.micros();
    server.pause();
    Files.writeString(mountPoint.resolve(MARKER), MARK);
    copyInOneMoment();
    var kill = server.kill();
    check(unmount());
    Files.move(copy, image, StandardCopyOption.REPLACE_EXISTING);
    check(mount());
    var marker = mountPoint.resolve(MARKER);
    if (Files.exists(marker) && Files.readString(marker).equals(MARK)) {
      throw new IOException("the copy holds what was never forced, so the cut took nothing away");
    }
    Files.deleteIfExists(marker);
    return new Kill(sentMicros, kill.goneMicros());
  }

  private void copyInOneMoment() throws IOException, InterruptedException {
    var statistics = Path.of("/sys/block", device(), "stat");
    for (int i = 0; i < COPIES_AT_MOST; i++) {
      var before = writes(statistics);
      check(run(List.of("cp", "--sparse=always", image.toString(), copy.toString())));
      if (before.endsWith(" 0") && before.equals(writes(statistics))) {
        return;
      }
      LockSupport.parkNanos(PAUSE_NANOS);
    }
    throw new IOException("something writes to " + mountPoint + " again and again");
  }

  /** What was written to the device so far, and last what is under way. */
  private static String writes(Path statistics) throws IOException {
    var fields = Files.readString(statistics).strip().split(" +", -1);
    return String.join(" ", fields[WRITES_FIELD], fields[DISCARDS_FIELD], fields[IN_FLIGHT_FIELD]);
  }

  /** The name of the loop device. */
  private String device() throws IOException {
    var point = " " + mountPoint.toRealPath() + " ";
    for (var line : Files.readAllLines(Path.of("/proc/self/mounts"))) {
      if (line.contains(point) && line.startsWith("/dev/")) {
        return line.substring("/dev/".length(), line.indexOf(' '));
      }
    }
    throw new IOException(mountPoint + " is not mounted");
  }

  /** Returns what went wrong, or null. */
  private @Nullable String mount() throws InterruptedException {
    var failure =
        run(List.of("mount", "-o", "loop,noatime", image.toString(), mountPoint.toString()));
    isMounted = failure == null;
    return failure;
  }

  private @Nullable String unmount() throws InterruptedException {
    var failure = run(List.of("umount", mountPoint.toString()));
    isMounted = failure != null;
    return failure;
  }

  /** The server may still be dying: then the volume goes when it has let go of it. */
  private void discard() {
    guard.lock();
    try {
      isOver = true;
      if (isMounted && unmount() != null) {
        check(run(List.of("umount", "--lazy", mountPoint.toString())));
        isMounted = false;
      }
      Files.deleteIfExists(copy);
      Files.deleteIfExists(image);
      Files.deleteIfExists(images);
    } catch (IOException e) {
      System.err.println("torture: something of the volume is left: " + e.getMessage());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } finally {
      guard.unlock();
    }
  }

  @Override
  public void close() {
    discard();
    try {
      Runtime.getRuntime().removeShutdownHook(reaper);
    } catch (IllegalStateException e) {
      // The harness itself is ending, and the hook is running.
    }
  }

  private static void check(@Nullable String failure) throws IOException {
    if (failure != null) {
      throw new IOException(failure);
    }
  }

  /** Returns what a command that failed has said, or null. */
  private static @Nullable String run(List<String> words) throws InterruptedException {
    var builder = new ProcessBuilder(words).redirectErrorStream(true);
    builder.environment().merge("PATH", "/usr/sbin:/sbin", (path, more) -> path + ":" + more);
    try {
      var process = builder.start();
      process.getOutputStream().close();
      var said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      int code = process.waitFor();
      return code == 0 ? null : words.getFirst() + " ended with " + code + ": " + said.strip();
    } catch (IOException e) {
      return e.getMessage();
    }
  }
}
