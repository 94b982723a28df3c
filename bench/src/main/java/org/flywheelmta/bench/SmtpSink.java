package org.flywheelmta.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;

/**
 * Postfix's {@code smtp-sink}, which takes every mail and counts them. For one thread.
 *
 * @param counter the file that it writes each new count to
 */
record SmtpSink(int port, Child process, Path counter) implements AutoCloseable {
  static final String PROGRAM = "smtp-sink";
  private static final Path MEMORY = Path.of("/dev/shm");
  private static final Duration START_LIMIT = Duration.ofSeconds(10);
  private static final Pattern COUNT = Pattern.compile("mesg=(\\d+)\r");
  private static final int TAIL = 200;

  static SmtpSink start(Site site) throws IOException, InterruptedException {
    var command = new ArrayList<>(List.of(Programs.path(PROGRAM), "-4", "-c", "-m", "2000"));
    if (PostfixPeer.isRoot()) {
      command.addAll(List.of("-u", "nobody"));
    }
    int port = Ports.free();
    command.addAll(List.of(Ports.HOST + ":" + port, "1024"));
    // Each mail is a write, which had better not be one to the disk that is measured.
    var counter =
        Files.isWritable(MEMORY)
            ? Files.createTempFile(MEMORY, "flywheel-bench-", ".count")
            : site.folder(PROGRAM).resolve("count");
    counter.toFile().deleteOnExit();
    var process = site.start(PROGRAM, command, Map.of(), List.of(), counter);
    var sink = new SmtpSink(port, process, counter);
    process.awaitGreeting(port, START_LIMIT);
    return sink;
  }

  /** How many mails it has taken since it started. */
  long count() {
    return count(Texts.tail(counter, TAIL));
  }

  /** The last count that is written out, which a carriage return ends; 0 where there is none. */
  static long count(String tail) {
    return COUNT
        .matcher(tail)
        .results()
        .mapToLong(at -> Long.parseLong(at.group(1)))
        .max()
        .orElse(0);
  }

  /** Takes its counter away; the process belongs to its site. */
  @Override
  public void close() throws IOException {
    Files.deleteIfExists(counter);
  }
}
