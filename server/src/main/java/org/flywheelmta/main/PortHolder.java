package org.flywheelmta.main;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * Names the process that holds a port, where the system tells: Linux lists sockets with their
 * inodes, and each process's descriptors with theirs.
 */
final class PortHolder {
  private static final Path PROC = Path.of("/proc");
  private static final long OWN_PID = ProcessHandle.current().pid();
  private static final String LISTENING = "0A";

  private PortHolder() {}

  /**
   * One clause that names the holder of a TCP port; null where nobody listens or nobody tells.
   * Blocks.
   */
  static @Nullable String of(int port) {
    var holder = holder(port);
    return holder == null ? null : "port " + port + " is taken by " + holder;
  }

  private static @Nullable String holder(int port) {
    try {
      var inode = inode(Path.of("/proc/net/tcp"), port);
      if (inode == null) {
        inode = inode(Path.of("/proc/net/tcp6"), port);
      }
      return inode == null ? null : process("socket:[" + inode + "]");
    } catch (IOException | DirectoryIteratorException unreadable) {
      // Processes end while they are listed, and not every system tells.
      return null;
    }
  }

  private static @Nullable String inode(Path table, int port) throws IOException {
    if (!Files.isReadable(table)) {
      return null;
    }
    var suffix = String.format(Locale.ROOT, ":%04X", port);
    for (var line : Files.readAllLines(table, StandardCharsets.US_ASCII)) {
      var columns = line.strip().split("\\s+", -1);
      if (columns.length > 9 && columns[1].endsWith(suffix) && columns[3].equals(LISTENING)) {
        return columns[9];
      }
    }
    return null;
  }

  private static @Nullable String process(String socket) throws IOException {
    try (DirectoryStream<Path> processes = Files.newDirectoryStream(PROC, "[0-9]*")) {
      for (var process : processes) {
        if (holds(process, socket)) {
          var name = Files.readString(process.resolve("comm")).strip();
          if (process.getFileName().toString().equals(Long.toString(OWN_PID))) {
            return "another listener of this configuration";
          }
          return "process " + process.getFileName() + " (" + name + ")";
        }
      }
    }
    return null;
  }

  private static boolean holds(Path process, String socket) {
    try (DirectoryStream<Path> descriptors = Files.newDirectoryStream(process.resolve("fd"))) {
      for (var descriptor : descriptors) {
        if (Files.isSymbolicLink(descriptor)
            && Files.readSymbolicLink(descriptor).toString().equals(socket)) {
          return true;
        }
      }
    } catch (IOException | DirectoryIteratorException gone) {
      // The process has ended meanwhile, or belongs to somebody else: it is not known to hold it.
      return false;
    }
    return false;
  }
}
