package org.flywheelmta.main;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * A server with the configuration that a newcomer starts with, on ports that are free; and where
 * its mail ends.
 *
 * @param folder the data folder
 */
record FirstMinute(Path folder) {
  // Surefire runs in the folder of its module.
  private static final Path SHIPPED = Path.of("../conf/flywheel.conf");
  static final String ADDRESS = "127.0.0.1:2525";
  private static final String SANDBOX = "127.0.0.1:2526";

  /** Starts a server as shipped. */
  RunningServer start() throws Exception {
    var shipped = Files.readString(SHIPPED);
    assertThat(shipped).contains(ADDRESS, SANDBOX);
    return RunningServer.start(
        folder,
        shipped
            .replace(ADDRESS, "127.0.0.1:0")
            .replace(SANDBOX, "127.0.0.1:" + RunningServer.freePort()));
  }

  /** What {@code cat conf/var/sandbox/new/*} would show, mail by mail. */
  List<String> mails() {
    var mails = new ArrayList<String>();
    try (var files = Files.newDirectoryStream(folder.resolve("sandbox/new"))) {
      for (var file : files) {
        mails.add(Files.readString(file, StandardCharsets.UTF_8));
      }
    } catch (IOException unreadable) {
      throw new UncheckedIOException(unreadable);
    }
    return mails;
  }

  /** Waits until so many mails have ended there. */
  void await(int mails) throws Exception {
    PeerPrograms.await(folder.resolve("sandbox/new"), () -> mails().size() >= mails);
  }
}
