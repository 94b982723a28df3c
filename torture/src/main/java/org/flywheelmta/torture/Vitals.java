package org.flywheelmta.torture;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.stream.Stream;

/**
 * What processes take of the machine, seen from outside.
 *
 * @param residentBytes the memory that they hold now, or {@link #UNKNOWN} where the system does not
 *     tell
 * @param peakBytes the most that each of them ever held, in sum, or {@link #UNKNOWN}
 * @param cpu the processor time that those which still run have used
 */
record Vitals(long residentBytes, long peakBytes, Duration cpu) {
  static final long UNKNOWN = -1;

  private static final long KIB = 1_024;
  private static final long MB = 1_000_000;
  private static final Path PROC = Path.of("/proc");

  /** Of a process and all that it started. */
  static Vitals of(ProcessHandle process) {
    long resident = 0;
    long peak = 0;
    var cpu = Duration.ZERO;
    for (var one : Stream.concat(Stream.of(process), process.descendants()).toList()) {
      String status = status(one.pid());
      resident = sum(resident, kibibytes(status, "VmRSS:"));
      peak = sum(peak, kibibytes(status, "VmHWM:"));
      cpu = cpu.plus(one.info().totalCpuDuration().orElse(Duration.ZERO));
    }
    return new Vitals(resident, peak, cpu);
  }

  /** Of this process alone. */
  static Vitals own() {
    var self = ProcessHandle.current();
    String status = status(self.pid());
    return new Vitals(
        kibibytes(status, "VmRSS:"),
        kibibytes(status, "VmHWM:"),
        self.info().totalCpuDuration().orElse(Duration.ZERO));
  }

  private static String status(long pid) {
    try {
      return Files.readString(
          PROC.resolve(Long.toString(pid)).resolve("status"), StandardCharsets.ISO_8859_1);
    } catch (IOException e) {
      return "";
    }
  }

  /**
   * The value of a line such as {@code VmRSS: 123 kB}, in bytes; 0 where there is none, since a
   * process that has ended and was not yet buried holds nothing.
   */
  static long kibibytes(String status, String name) {
    if (status.isEmpty()) {
      return UNKNOWN;
    }
    return status
        .lines()
        .filter(line -> line.startsWith(name))
        .map(line -> line.replaceAll("\\D", ""))
        .filter(digits -> !digits.isEmpty())
        .mapToLong(digits -> Long.parseLong(digits) * KIB)
        .findFirst()
        .orElse(0);
  }

  private static long sum(long so, long more) {
    return so == UNKNOWN || more == UNKNOWN ? UNKNOWN : so + more;
  }

  static String megabytes(long bytes) {
    return bytes == UNKNOWN ? "unknown" : bytes / MB + " MB";
  }

  static String seconds(Duration time) {
    return "%.1f s".formatted(time.toMillis() / 1e3);
  }
}
