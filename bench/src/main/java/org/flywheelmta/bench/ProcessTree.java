package org.flywheelmta.bench;

import java.nio.file.Path;
import java.time.Duration;
import java.util.stream.LongStream;
import java.util.stream.Stream;

/** What a process, and all that it started, takes of the machine; read from {@code /proc}. */
record ProcessTree(ProcessHandle root, long ticksPerSecond) {
  private static final Path PROC = Path.of("/proc");
  private static final long KIB = 1_024;

  /** Of living processes, and of those that one of them has buried. */
  Duration cpu() {
    long ticks = pids().map(pid -> ticks(Texts.of(file(pid, "stat")))).sum();
    return Duration.ofSeconds(ticks).dividedBy(ticksPerSecond);
  }

  /** The proportional share of the memory that they use, in octets. */
  long memory() {
    return pids().map(pid -> share(Texts.of(file(pid, "smaps_rollup")))).sum();
  }

  private LongStream pids() {
    return Stream.concat(Stream.of(root), root.descendants()).mapToLong(ProcessHandle::pid);
  }

  private static Path file(long pid, String name) {
    return PROC.resolve(Long.toString(pid)).resolve(name);
  }

  /**
   * The processor time in a line of {@code /proc/PID/stat}, in ticks: its own in user and in kernel
   * mode, and both of its children that are gone (proc_pid_stat(5), fields 14 to 17). The name in
   * brackets may hold anything.
   */
  static long ticks(String line) {
    int name = line.lastIndexOf(')');
    if (name < 0) {
      return 0;
    }
    var fields = line.substring(name + 1).strip().split(" ", -1);
    // The first of these is the third of the line.
    return LongStream.rangeClosed(14 - 3, 17 - 3).map(i -> Long.parseLong(fields[(int) i])).sum();
  }

  /** The octets of the line {@code Pss:} of {@code smaps_rollup}; 0 where there is none. */
  static long share(String text) {
    return text.lines()
        .filter(line -> line.startsWith("Pss:"))
        .map(line -> line.replaceAll("\\D", ""))
        .mapToLong(digits -> Long.parseLong(digits) * KIB)
        .sum();
  }
}
