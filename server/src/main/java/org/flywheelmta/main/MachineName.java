package org.flywheelmta.main;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** The name that the machine has, where nobody configured one. */
final class MachineName {
  private static final Path KERNEL = Path.of("/proc/sys/kernel/hostname");
  private static final String UNKNOWN = "localhost";
  private static final int MAX_LENGTH = 255;

  private MachineName() {}

  /** The name; a plain word for a machine that does not tell. */
  static String read() {
    try {
      var name = Files.isReadable(KERNEL) ? Files.readString(KERNEL) : System.getenv("HOSTNAME");
      return name == null ? UNKNOWN : checked(name.strip());
    } catch (IOException unreadable) {
      return UNKNOWN;
    }
  }

  /** Only what may stand in a greeting. */
  private static String checked(String name) {
    boolean good = !name.isEmpty() && name.length() <= MAX_LENGTH;
    for (int i = 0; good && i < name.length(); i++) {
      char c = name.charAt(i);
      good = c < 0x7f && (Character.isLetterOrDigit(c) || c == '-' || c == '.' || c == '_');
    }
    return good ? name : UNKNOWN;
  }
}
