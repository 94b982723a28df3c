package org.flywheelmta.torture;

import java.io.Closeable;
import java.io.IOException;
import java.nio.file.Path;

/**
 * When the server was killed, one forced line each:
 *
 * <pre>
 * kill SENT GONE
 * </pre>
 *
 * <p>SENT is just before the signal, GONE when the process was seen to have ended, in microseconds.
 * For one thread.
 */
final class KillRecord implements Closeable {
  private final Journal journal;

  private KillRecord(Journal journal) {
    this.journal = journal;
  }

  static KillRecord open(Path file) throws IOException {
    return new KillRecord(Journal.open(file));
  }

  void add(Kill kill) throws IOException {
    journal.force("kill " + kill.sentMicros() + ' ' + kill.goneMicros());
  }

  @Override
  public void close() throws IOException {
    journal.close();
  }
}
