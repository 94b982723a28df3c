package org.flywheelmta.clients;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.EOFException;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A receiver takes mail, and does what its script says. */
final class ReceiverTest {
  @TempDir private Path folder;

  private static Receiver start(String script, MailStore store) throws IOException {
    return Receiver.start(
        new InetSocketAddress(InetAddress.getLoopbackAddress(), 0),
        Script.parse("script", script),
        store);
  }

  private static Receiver start(String script) throws IOException {
    return start(script, MailStore.none());
  }

  @Test
  void mailIsAFileOfTheMaildir() throws Exception {
    try (var receiver = start("", MaildirStore.open(folder));
        var session = Session.greeted(receiver.address())) {
      assertThat(session.mail("a@x.test", "b@y.test")).isEqualTo(250);
      assertThat(session.say("QUIT")).isEqualTo(221);
      assertThat(receiver.counts().recipients()).isEqualTo(1);
      assertThat(receiver.counts().bytes()).isEqualTo("Subject: x\r\n\r\n.stuffed\r\n".length());
    }
    assertThat(mails())
        .containsExactly(
            """
            Return-Path: <a@x.test>
            Delivered-To: <b@y.test>
            Subject: x

            .stuffed
            """);
  }

  private List<String> mails() throws IOException {
    try (var files = Files.list(folder.resolve("new"))) {
      return files.map(ReceiverTest::text).toList();
    }
  }

  private static String text(Path file) {
    try {
      return Files.readString(file);
    } catch (IOException unreadable) {
      throw new AssertionError(unreadable);
    }
  }

  @Test
  void refusedMailIsNotKept() throws Exception {
    try (var receiver = start("end 554 5.6.0 no", MaildirStore.open(folder));
        var session = Session.greeted(receiver.address())) {
      assertThat(session.mail("a@x.test", "b@y.test")).isEqualTo(554);
      assertThat(session.say("QUIT")).isEqualTo(221);
      assertThat(receiver.counts().mails()).isZero();
    }
    assertThat(mails()).isEmpty();
  }

  @Test
  void recipientIsRefusedTheFirstTimeAndTakenTheSecond() throws Exception {
    try (var receiver = start("rcpt to=bob@* time=1 450 4.2.1 not this time");
        var session = Session.greeted(receiver.address())) {
      assertThat(session.envelope("a@x.test", "carol@y.test")).isEqualTo(250);
      assertThat(session.say("RCPT TO:<Bob@y.test>")).isEqualTo(450);
      assertThat(session.say("RCPT TO:<bob@y.test>")).isEqualTo(250);
      assertThat(receiver.counts().byScript()).containsOnlyKeys("rcpt 450");
    }
  }

  @Test
  void timesAreCountedOverSessions() throws Exception {
    try (var receiver = start("connect time=2 421 4.3.2 busy")) {
      for (int code : new int[] {220, 421, 220}) {
        try (var session = new Session(receiver.address())) {
          assertThat(session.hear()).isEqualTo(code);
        }
      }
    }
  }

  @Test
  void connectionIsClosedWhereTheScriptSaysSo() throws Exception {
    try (var receiver = start("data from=*@x.test close");
        var session = Session.greeted(receiver.address())) {
      session.envelope("a@x.test", "b@y.test");
      assertThatThrownBy(() -> session.say("DATA")).isInstanceOf(EOFException.class);
    }
  }

  @Test
  void connectionIsResetWithinABody() throws Exception {
    try (var receiver = start("body reset");
        var session = Session.greeted(receiver.address())) {
      assertThatThrownBy(() -> session.mail("a@x.test", "b@y.test"))
          .isInstanceOf(IOException.class);
      assertThat(receiver.counts().mails()).isZero();
    }
  }

  @Test
  void octetsAreSaidAsTheyAreAndRepliesMayHaveLines() throws Exception {
    try (var receiver =
            start("ehlo 250 sink\\nSIZE 1000\\n8BITMIME\nnoop say 250-never\\r\\n250 ended\\r\\n");
        var session = new Session(receiver.address())) {
      session.hear();
      session.wire.write("EHLO client.test");
      var hello = Reply.read(session.wire);
      assertThat(hello.lines()).containsExactly("sink", "SIZE 1000", "8BITMIME");
      assertThat(hello.offers("PIPELINING")).isFalse();
      session.wire.write("NOOP");
      assertThat(Reply.read(session.wire).lines()).containsExactly("never", "ended");
    }
  }

  @Test
  void silentSessionEndsWithItsPeerOrTheReceiver() throws Exception {
    var receiver = start("mail silence");
    try (var session = Session.greeted(receiver.address())) {
      session.wire.write("MAIL FROM:<a@x.test>");
      session.wire.flush();
      receiver.close();
      assertThatThrownBy(session::hear).isInstanceOf(IOException.class);
    }
  }

  @Test
  void portThatIsTakenIsNamed() throws Exception {
    try (var receiver = start("")) {
      assertThatThrownBy(
              () -> Receiver.start(receiver.address(), Script.ordinary(), MailStore.none()))
          .isInstanceOf(IOException.class)
          .hasMessageContaining("cannot listen on 127.0.0.1:" + receiver.address().getPort());
    }
  }
}
