package org.flywheelmta.main;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The relay between mail software that others wrote: Postfix's smtp-source and smtp-sink, swaks.
 */
@Tag("peers")
@Tag("sockets")
final class RelayPeersTest {
  private static final int MAILS = 2_000;
  private static final long LIMIT_SECONDS = PeerPrograms.LIMIT_SECONDS;

  @TempDir private Path folder;

  @Test
  void everyMailOfSmtpSourceReachesSmtpSinkOnce() throws Exception {
    int sinkPort = RunningServer.freePort();
    var sink = start("smtp-sink", "-u", "nobody", "-c", "127.0.0.1:" + sinkPort, "1024");
    try (var server = RunningServer.start(folder.resolve("data"), relay(sinkPort))) {
      var source =
          start(
              "smtp-source",
              "-s",
              "20",
              "-d",
              "-N",
              "-l",
              "10240",
              "-m",
              String.valueOf(MAILS),
              "-f",
              "a@source.test",
              "-t",
              "u@sink.test",
              "127.0.0.1:" + server.port());
      assertThat(source.waitFor(LIMIT_SECONDS, TimeUnit.SECONDS)).isTrue();
      assertThat(source.exitValue()).isZero();
      awaitDeliveries(MAILS);
    } finally {
      sink.destroy();
      assertThat(sink.waitFor(LIMIT_SECONDS, TimeUnit.SECONDS)).isTrue();
    }
    assertThat(sinkCount()).as("mails that the sink has counted").isEqualTo(MAILS);
    assertThat(delivered())
        .as("messages delivered, each once")
        .hasSize(MAILS)
        .doesNotHaveDuplicates();
  }

  @Test
  void swaksIsAnsweredAsItExpects() throws Exception {
    int sinkPort = RunningServer.freePort();
    var sink = start("smtp-sink", "-u", "nobody", "-c", "127.0.0.1:" + sinkPort, "16");
    try (var server = RunningServer.start(folder.resolve("data"), relay(sinkPort))) {
      var swaks =
          start(
              "swaks",
              "--server",
              "127.0.0.1:" + server.port(),
              "--from",
              "a@source.test",
              "--to",
              "u@sink.test,v@sink.test",
              "--pipeline");
      assertThat(swaks.waitFor(LIMIT_SECONDS, TimeUnit.SECONDS)).isTrue();
      assertThat(output("swaks")).contains("<-  250 2.0.0 OK ");
      assertThat(swaks.exitValue()).isZero();
      awaitDeliveries(2);
    } finally {
      sink.destroy();
      assertThat(sink.waitFor(LIMIT_SECONDS, TimeUnit.SECONDS)).isTrue();
    }
    assertThat(sinkCount()).as("two recipients travel in one mail").isEqualTo(1);
  }

  private static String relay(int sinkPort) {
    return """
        gateway = "127.0.0.1:%d"
        retry_interval = 1s
        spool { path = "spool"  segment_size = 4MB }
        esmtp_listener { listen "127.0.0.1:0" { relay_hosts = ( "127.0.0.0/8" ) } }
        """
        .formatted(sinkPort);
  }

  private Process start(String program, String... arguments) throws IOException {
    return new PeerPrograms(folder).start(program, List.of(arguments));
  }

  private String output(String program) throws IOException {
    return new PeerPrograms(folder).output(program);
  }

  /** What smtp-sink counted last; it overwrites one line with carriage returns. */
  private int sinkCount() throws IOException {
    var text = output("smtp-sink");
    int at = text.lastIndexOf("mesg=");
    assertThat(at).as("a count of smtp-sink").isNotNegative();
    return Integer.parseInt(text.substring(at + "mesg=".length()).strip().split("\\s", 2)[0]);
  }

  /** Waits by following the event log, which the writer appends to within milliseconds. */
  private void awaitDeliveries(int count) throws Exception {
    PeerPrograms.await(folder.resolve("data/log"), () -> delivered().size() >= count);
  }

  private List<String> delivered() {
    var messages = new ArrayList<String>();
    for (var line : PeerPrograms.events(folder.resolve("data/log"), "delivery")) {
      int from = line.indexOf("\"message\":\"");
      messages.add(line.substring(from, line.indexOf(',', from)));
    }
    assertThat(new HashSet<>(messages)).hasSameSizeAs(messages);
    return messages;
  }
}
