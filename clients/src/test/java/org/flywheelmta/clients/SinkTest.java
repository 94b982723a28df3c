package org.flywheelmta.clients;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.PipedReader;
import java.io.PipedWriter;
import java.io.PrintWriter;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** {@code flywheel sink}: it says where it listens, and in the end what it took. */
final class SinkTest {
  private static final long LIMIT_SECONDS = 30;

  @Test
  void endsAfterItsCountAndTellsWhatItTook() throws Exception {
    try (var text = new PipedWriter();
        var printed = new BufferedReader(new PipedReader(text))) {
      var code = new CompletableFuture<Integer>();
      Thread.ofVirtual()
          .start(
              () ->
                  code.complete(
                      Main.commandLine()
                          .setOut(new PrintWriter(text, true))
                          .execute("sink", "--listen", "127.0.0.1:0", "--count", "2")));
      var first = printed.readLine();
      assertThat(first).startsWith("sink listens on 127.0.0.1:");
      var address = new SocketAddresses().convert(first.substring(first.lastIndexOf(' ') + 1));
      try (var session = Session.greeted(address)) {
        assertThat(session.mail("a@x.test", "b@y.test")).isEqualTo(250);
        assertThat(session.mail("a@x.test", "c@y.test")).isEqualTo(250);
      }
      assertThat(printed.readLine())
          .isEqualTo("took 2 mails for 2 recipients, 48 bytes, over 1 connection");
      assertThat(code.orTimeout(LIMIT_SECONDS, TimeUnit.SECONDS).join()).isZero();
    }
  }
}
