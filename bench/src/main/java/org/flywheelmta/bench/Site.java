package org.flywheelmta.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentLinkedDeque;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/**
 * Where a benchmark works: a folder and the processes that it started. Both are gone when it is
 * closed, or when the command is interrupted. One thread works; any thread may close.
 */
final class Site implements AutoCloseable {
  /** More processors than this are left alone, so that machines can be compared. */
  private static final int PROCESSORS = 2;

  private final Path folder;
  private final boolean ownFolder;
  private final List<String> pinning;
  private final ConcurrentLinkedDeque<Child> children = new ConcurrentLinkedDeque<>();
  private final AtomicBoolean closed = new AtomicBoolean();
  private final Thread reaper = new Thread(this::abandon);

  private Site(Path folder, boolean ownFolder, List<String> pinning) {
    this.folder = folder;
    this.ownFolder = ownFolder;
    this.pinning = pinning;
  }

  /**
   * Opens one.
   *
   * @param wanted a new folder that stays, or null for one that goes
   */
  static Site open(@Nullable Path wanted) throws IOException {
    Path folder;
    if (wanted == null) {
      var target = Home.own().resolve("target");
      Files.createDirectories(target);
      folder = Files.createTempDirectory(target, "bench-");
    } else {
      folder = wanted.toAbsolutePath();
      if (Files.exists(folder)) {
        throw new IOException(folder + " is there already; what it holds would be measured too");
      }
      Files.createDirectories(folder);
    }
    // Servers that work under names of their own have to get there.
    Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwxr-xr-x"));
    List<String> pinning =
        Runtime.getRuntime().availableProcessors() > PROCESSORS
            ? List.of(Programs.path("taskset"), "-c", "0,1")
            : List.of();
    var site = new Site(folder, wanted == null, pinning);
    Runtime.getRuntime().addShutdownHook(site.reaper);
    return site;
  }

  /** A folder of that name, which is new unless it was made here before. */
  Path folder(String name) throws IOException {
    return Files.createDirectories(folder.resolve(name));
  }

  /** Starts a process on the processors of the benchmark; its output goes to a log. */
  Child start(String name, List<String> command, Map<String, String> more, List<String> farewell)
      throws IOException {
    return start(name, command, more, farewell, folder.resolve(name + ".log"));
  }

  Child start(
      String name,
      List<String> command,
      Map<String, String> more,
      List<String> farewell,
      Path output)
      throws IOException {
    var words = new ArrayList<>(pinning);
    words.addAll(command);
    var builder =
        new ProcessBuilder(words).redirectErrorStream(true).redirectOutput(output.toFile());
    builder.environment().putAll(more);
    var process = builder.start();
    var child = new Child(name, process, output, farewell);
    children.addFirst(child);
    process.getOutputStream().close();
    if (closed.get()) {
      child.kill();
      throw new IOException("the benchmark was interrupted");
    }
    return child;
  }

  /** Ends a process before the site closes. */
  void end(Child child) throws InterruptedException {
    child.end();
    children.remove(child);
  }

  @Override
  public void close() throws IOException {
    try {
      // The last one first.
      for (var child : children) {
        end(child);
      }
    } catch (InterruptedException e) {
      children.forEach(Child::kill);
      Thread.currentThread().interrupt();
    } finally {
      closed.set(true);
      forget();
    }
    if (ownFolder) {
      delete(folder);
    }
  }

  private void forget() {
    try {
      Runtime.getRuntime().removeShutdownHook(reaper);
    } catch (IllegalStateException e) {
      // The command itself is ending, and the hook is running.
    }
  }

  private void abandon() {
    closed.set(true);
    children.forEach(Child::kill);
    try {
      for (var child : children) {
        child.process().waitFor();
      }
      if (ownFolder) {
        delete(folder);
      }
    } catch (IOException e) {
      System.err.println("bench: " + folder + " was not taken away: " + e.getMessage());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** What is in it may be going at this moment, as files of a queue do. */
  static void delete(Path place) throws IOException {
    if (Files.isDirectory(place, LinkOption.NOFOLLOW_LINKS)) {
      List<Path> inside;
      try (var paths = Files.list(place)) {
        inside = paths.sorted(Comparator.naturalOrder()).toList();
      } catch (NoSuchFileException e) {
        return;
      }
      for (var path : inside) {
        delete(path);
      }
    }
    Files.deleteIfExists(place);
  }
}
