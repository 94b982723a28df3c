package org.flywheelmta.bench;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * The machine that a result is of.
 *
 * @param processor the model
 * @param cores how many of them this process may use
 * @param memoryBytes the whole memory
 * @param kernel name and version
 * @param java the virtual machine and its version
 */
record Machine(String processor, int cores, long memoryBytes, String kernel, String java) {
  private static final long USUAL_TICKS = 100;
  private static final Path DISKS = Path.of("/proc/diskstats");
  private static final Path BLOCK_DEVICES = Path.of("/sys/block");
  private static final int DISK_NAME = 2;

  /** Completed flush requests: the 16th after the name (iostats of the kernel's manual). */
  private static final int FLUSHES = DISK_NAME + 16;

  static Machine own() {
    return new Machine(
        value(Texts.of(Path.of("/proc/cpuinfo")), "model name"),
        Runtime.getRuntime().availableProcessors(),
        kibibytes(value(Texts.of(Path.of("/proc/meminfo")), "MemTotal")),
        System.getProperty("os.name") + " " + System.getProperty("os.version"),
        System.getProperty("java.vendor") + " " + System.getProperty("java.runtime.version"));
  }

  /** The value of the first line {@code name : value}. */
  static String value(String text, String name) {
    return text.lines()
        .filter(line -> line.startsWith(name))
        .map(line -> line.substring(line.indexOf(':') + 1).strip())
        .findFirst()
        .orElse("unknown");
  }

  private static long kibibytes(String words) {
    var digits = words.replaceAll("\\D", "");
    return digits.isEmpty() ? 0 : Long.parseLong(digits) * 1_024;
  }

  /** The unit of processor time in {@code /proc}. */
  static long ticksPerSecond() throws InterruptedException {
    return Programs.output(List.of("getconf", "CLK_TCK"))
        .filter(words -> !words.isEmpty() && words.chars().allMatch(Character::isDigit))
        .map(Long::parseLong)
        .orElse(USUAL_TICKS);
  }

  /** How often the disks of this machine were forced since it started. */
  static long forcedWrites() {
    return Texts.of(DISKS)
        .lines()
        .map(line -> line.strip().split("\\s+", -1))
        .filter(fields -> fields.length > FLUSHES && isDisk(fields[DISK_NAME]))
        .mapToLong(fields -> Long.parseLong(fields[FLUSHES]))
        .sum();
  }

  /** No partition, and nothing that only lies on top of disks. */
  private static boolean isDisk(String name) {
    return Files.exists(BLOCK_DEVICES.resolve(name).resolve("device"));
  }
}
