package org.flywheelmta.torture;

import com.sun.management.UnixOperatingSystemMXBean;
import java.lang.management.ManagementFactory;

/** How many files and connections the system lets a process have. */
public final class OpenFiles {
  private OpenFiles() {}

  /** The limit of this process, which a server that it starts inherits. */
  public static long limit() {
    return ManagementFactory.getOperatingSystemMXBean() instanceof UnixOperatingSystemMXBean unix
        ? unix.getMaxFileDescriptorCount()
        : Long.MAX_VALUE;
  }

  /** Ends the run early where there would not be enough for it. */
  static void require(long needed, long limit) {
    var lack = lack(needed, limit);
    if (!lack.isEmpty()) {
      throw new Unavailable(lack);
    }
  }

  /** What there is too little of, and how to have more; nothing where there is enough. */
  public static String lack(long needed, long limit) {
    return limit >= needed
        ? ""
        : "%d open files are needed and %d are allowed; raise the limit with 'ulimit -n %d'"
            .formatted(needed, limit, needed);
  }
}
