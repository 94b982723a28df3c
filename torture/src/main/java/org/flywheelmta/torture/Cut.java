package org.flywheelmta.torture;

import java.io.Closeable;
import java.io.IOException;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/** How a server is ended against its will, and what it leaves to the next. For one thread. */
interface Cut extends Closeable {
  /** SIGKILL: the machine keeps all that the process had written. */
  Cut KILL = RelayProcess::kill;

  /** Ends the server; when it returns, the next may be started on what is left. */
  Kill cut(RelayProcess server) throws IOException, InterruptedException;

  /**
   * Where the server's data goes.
   *
   * @param asked the folder that the command line names, or null
   */
  default @Nullable Path data(@Nullable Path asked) {
    return asked;
  }

  /** What the server's configuration says beyond the smallest. */
  default Relay.Settings settings() {
    return Relay.Settings.NONE;
  }

  @Override
  default void close() throws IOException {}
}
