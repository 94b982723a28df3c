package org.flywheelmta.torture;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.StringTokenizer;

/** Asks the server's own tool what is still waiting. */
final class SpoolList {
  private static final int OUTPUT_MAX_BYTES = 1 << 28;

  private SpoolList() {}

  /** Runs the command and returns every address of a recipient in what it prints. */
  static Set<String> run(List<String> command) throws IOException, InterruptedException {
    var process =
        new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT).start();
    process.getOutputStream().close();
    byte[] output = process.getInputStream().readNBytes(OUTPUT_MAX_BYTES);
    int code = process.waitFor();
    if (code != 0) {
      throw new IOException("the spool list ended with exit code " + code);
    }
    return addresses(new String(output, StandardCharsets.UTF_8));
  }

  /** Every word that is an address of a recipient, whatever surrounds it. */
  static Set<String> addresses(String output) {
    var addresses = new LinkedHashSet<String>();
    var words = new StringTokenizer(output, " \t\r\n<>\"',;|()[]");
    while (words.hasMoreTokens()) {
      String word = words.nextToken();
      if (Address.id(word) != null && !Address.isSender(word)) {
        addresses.add(word);
      }
    }
    return addresses;
  }
}
