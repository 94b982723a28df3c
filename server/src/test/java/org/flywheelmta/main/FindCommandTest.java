package org.flywheelmta.main;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.flywheelmta.base.TransactionId;
import org.flywheelmta.disk.FileDisk;
import org.flywheelmta.message.Address;
import org.flywheelmta.message.Fields;
import org.flywheelmta.spool.StoredOutcome;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Messages are found by whoever asks, waiting and finished. */
@Tag("sockets")
final class FindCommandTest {
  private static final long LIMIT_SECONDS = 30;

  @TempDir private Path folder;
  private final StringWriter out = new StringWriter();
  private final StringWriter err = new StringWriter();

  private int find(String... arguments) {
    var all = new String[arguments.length + 5];
    all[0] = "find";
    all[1] = "--config";
    all[2] = folder.resolve("flywheel.conf").toString();
    all[3] = "--data";
    all[4] = folder.toString();
    System.arraycopy(arguments, 0, all, 5, arguments.length);
    out.getBuffer().setLength(0);
    err.getBuffer().setLength(0);
    return Main.commandLine()
        .setOut(new PrintWriter(out, true))
        .setErr(new PrintWriter(err, true))
        .execute(all);
  }

  private void configure() throws Exception {
    Files.writeString(
        folder.resolve("flywheel.conf"),
        """
        gateway = "127.0.0.1:2600"
        spool { path = "spool" }
        esmtp_listener { listen "127.0.0.1:0" { relay_hosts = ( "127.0.0.0/8" ) } }
        """);
  }

  @Test
  void deliveredMessageIsFoundWhileTheServerRunsAndAfterwards() throws Exception {
    configure();
    var minute = new FirstMinute(folder);
    String id;
    try (var server = minute.start();
        var caller = new LineCaller(server.port())) {
      var reply = caller.send("Bob@example.net", "Subject: hello\r\n\r\nhello");
      id = reply.substring(reply.lastIndexOf(' ') + 1);
      minute.await(1);
      long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(LIMIT_SECONDS);
      while (find(id) != ExitCode.OK || !out.toString().contains("  delivered")) {
        assertThat(System.nanoTime()).as("time until it is found").isLessThan(deadline);
      }
      assertThat(find("bob@EXAMPLE.net")).isZero();
      assertThat(out.toString())
          .startsWith(id + "-0  delivered\n")
          .contains("  from      <alice@example.com>\n", "  to        <Bob@example.net>\n")
          .containsSubsequence("  received  ", "  reception  ", "  delivery  attempt 1  ", "250 ");
    }
    assertThat(find(id + "-0", "--json")).isZero();
    assertThat(out.toString())
        .startsWith("{\"message\":\"" + id + "-0\",\"state\":\"delivered\"")
        .contains("\"reply\":\"250 ", "\"history\":[{\"v\":1,")
        .containsOnlyOnce("\n");
    assertThat(find(id + "-1")).isEqualTo(ExitCode.NOT_FOUND);
  }

  @Test
  void waitingMessageIsFoundInTheSpoolAndTheNewestComeLast() throws Exception {
    configure();
    var spool = new SpoolAtRest(new FileDisk(), folder.resolve("spool"));
    for (int i = 0; i < 5; i++) {
      var latest =
          new StoredOutcome(
              StoredOutcome.Kind.WAITING, i, 1_795_421_900_000_000L, 0, "", Fields.NONE);
      var recipient =
          new EnvelopeFile.Recipient(
              Address.of("bob@example.net"), Fields.NONE, i == 0 ? null : latest);
      spool.put(
          new EnvelopeFile(
              id(i), 1_795_421_820_000_000L, Address.NULL, Fields.NONE, 0, List.of(recipient)),
          new byte[0]);
    }
    assertThat(find("bob@example.net", "--limit", "2")).isZero();
    assertThat(out.toString())
        .startsWith(id(3) + "-0  waiting\n")
        .containsSubsequence(
            "  waits     after 3 attempts, due 2026-11-23T08:18:20Z\n", id(4) + "-0  waiting\n");
    assertThat(err.toString()).contains("--limit");
    assertThat(find("" + id(0))).isZero();
    assertThat(out.toString()).contains("  waits     for its first attempt\n");
  }

  private static TransactionId id(int number) {
    return TransactionId.of(1_795_421_820_000_000L + number, number, 31L * number);
  }

  @Test
  void whatCannotBeAskedForIsAUsageErrorAndNothingFoundIsOne() throws Exception {
    configure();
    assertThat(find("bob")).isEqualTo(ExitCode.USAGE);
    assertThat(err.toString()).contains("bob is neither a recipient nor an id of a message");
    assertThat(find("bob@example.net", "--limit", "0")).isEqualTo(ExitCode.USAGE);
    assertThat(find("bob@example.net")).isEqualTo(ExitCode.DATA);
    Files.createDirectory(folder.resolve("log"));
    assertThat(find("bob@example.net")).isEqualTo(ExitCode.NOT_FOUND);
    assertThat(err.toString()).contains("nothing is known of bob@example.net");
  }
}
