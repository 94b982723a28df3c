package org.flywheelmta.main;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.flywheelmta.auth.SaslText;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;

/**
 * Asks for a password: at the terminal without showing it, else for one line of the standard input.
 * It is never an argument, since everybody on the machine can read those.
 */
final class PasswordPrompt {
  private PasswordPrompt() {}

  /**
   * The password, prepared; null, with a line for whoever typed it, where there is none.
   *
   * @param twice whether a person types it a second time
   */
  // The console of JDK 25 is null again where the input is no terminal (JDK-8351435).
  @SuppressWarnings("SystemConsoleNull")
  static @Nullable String read(CommandLine line, boolean twice) {
    var errors = line.getErr();
    var terminal = System.console();
    String text;
    if (terminal != null && terminal.isTerminal()) {
      var typed = terminal.readPassword("Password: ");
      if (typed != null && twice && !Arrays.equals(typed, terminal.readPassword("Again: "))) {
        errors.println("flywheel: these are two passwords");
        return null;
      }
      text = typed == null ? "" : new String(typed);
    } else {
      text = firstLine(System.in);
    }
    var prepared = SaslText.password(text);
    if (prepared == null) {
      errors.println(
          "flywheel: no password: it has 1 to "
              + SaslText.MOST_PASSWORD_OCTETS
              + " octets in UTF-8, and no control character");
    }
    return prepared;
  }

  /** The first line, bounded; empty where there is none or it cannot be read. */
  private static String firstLine(InputStream in) {
    var octets = new byte[2 * SaslText.MOST_PASSWORD_OCTETS];
    int count = 0;
    try {
      for (int octet = in.read();
          octet >= 0 && octet != '\n' && count < octets.length;
          octet = in.read()) {
        octets[count++] = (byte) octet;
      }
    } catch (IOException unreadable) {
      return "";
    }
    if (count > 0 && octets[count - 1] == '\r') {
      count--;
    }
    return new String(octets, 0, count, StandardCharsets.UTF_8);
  }
}
