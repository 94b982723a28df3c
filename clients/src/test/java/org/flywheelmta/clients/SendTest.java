package org.flywheelmta.clients;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** {@code flywheel send} against a scripted receiver: what arrives, what is told, how it exits. */
final class SendTest {
  @TempDir private Path folder;
  private final StringWriter out = new StringWriter();
  private final StringWriter err = new StringWriter();

  private int run(String... arguments) {
    return Main.commandLine()
        .setOut(new PrintWriter(out, true))
        .setErr(new PrintWriter(err, true))
        .execute(arguments);
  }

  private int send(Receiver receiver, String... more) {
    var arguments =
        new ArrayList<>(List.of("send", "--server", SocketAddresses.text(receiver.address())));
    arguments.addAll(List.of(more));
    return run(arguments.toArray(String[]::new));
  }

  private Receiver receiver(String script) throws IOException {
    return Receiver.start(
        new InetSocketAddress(InetAddress.getLoopbackAddress(), 0),
        Script.parse("script", script),
        MaildirStore.open(folder.resolve("mails")));
  }

  private List<String> mails() throws IOException {
    var mails = new ArrayList<String>();
    try (var files = Files.newDirectoryStream(folder.resolve("mails/new"))) {
      for (var file : files) {
        mails.add(Files.readString(file, StandardCharsets.UTF_8));
      }
    }
    return mails;
  }

  @Test
  void mailIsMadeAndItsReplyIsTold() throws Exception {
    try (var receiver = receiver("end 250 2.0.0 taken as 17")) {
      assertThat(send(receiver, "--to", "bob@example.net", "--to", "carol@example.net")).isZero();
    }
    assertThat(out.toString())
        .startsWith("250 2.0.0 taken as 17\naccepted 1 of 1 mail for 2 recipients in ");
    assertThat(mails())
        .singleElement()
        .asString()
        .startsWith(
            """
            Return-Path: <alice@example.com>
            Delivered-To: <bob@example.net>
            Delivered-To: <carol@example.net>
            From: <alice@example.com>
            """)
        .contains("\nSubject: Test mail 1\n", "\nDate: ", "\nMessage-ID: <");
  }

  @Test
  void manyMailsGoOverSeveralSessionsEachOnce() throws Exception {
    try (var receiver = receiver("")) {
      assertThat(
              send(
                  receiver,
                  "--to",
                  "u{n}@x.test",
                  "--count",
                  "300",
                  "--sessions",
                  "7",
                  "--size",
                  "5000"))
          .isZero();
      assertThat(receiver.counts().connections()).isEqualTo(7);
      assertThat(receiver.counts().bytes()).isBetween(300 * 4_990L, 300 * 5_010L);
    }
    var recipients = mails().stream().map(mail -> mail.split("\n", 3)[1]).toList();
    assertThat(recipients).hasSize(300).doesNotHaveDuplicates();
  }

  @Test
  void connectionIsLeftAfterAsManyMailsAsWereAskedFor() throws Exception {
    try (var receiver = receiver("")) {
      assertThat(
              send(
                  receiver,
                  "--to",
                  "u{n}@x.test",
                  "--count",
                  "10",
                  "--sessions",
                  "1",
                  "--mails-per-connection",
                  "3"))
          .isZero();
      assertThat(receiver.counts().connections()).isEqualTo(4);
    }
    assertThat(mails()).hasSize(10);
  }

  @Test
  void filesAreSentInTurnsWithTheirDotsAndLineEnds() throws Exception {
    var first = Files.writeString(folder.resolve("a.eml"), "Subject: a\n\n.dot\r\ngr\u00fc\u00df");
    var second = Files.writeString(folder.resolve("b.eml"), "Subject: b\r\n\r\nb\r\n");
    try (var receiver = receiver("")) {
      assertThat(
              send(
                  receiver,
                  "--to",
                  "b\u00f6b@x.test",
                  "--data",
                  first.toString(),
                  "--data",
                  second.toString()))
          .isZero();
    }
    assertThat(mails())
        .anySatisfy(
            mail ->
                assertThat(mail)
                    .contains("Delivered-To: <b\u00f6b@x.test>\n")
                    .endsWith("Subject: a\n\n.dot\ngr\u00fc\u00df\n"))
        .anySatisfy(mail -> assertThat(mail).endsWith("Subject: b\n\nb\n"))
        .hasSize(2);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          rcpt to=bob@* 550 5.1.1 gone       | 65 | refused at rcpt: 550 5.1.1 gone
          rcpt to=bob@* time=1 450 4.2.1 no  | 75 | refused at rcpt: 450 4.2.1 no
          mail 552 5.3.4 too large           | 65 | refused at mail: 552 5.3.4 too large (3 times)
          end time=2 452 4.3.1 no room       | 75 | refused at end: 452 4.3.1 no room
          data time=1 421 4.3.2 stopping     | 75 | refused at data: 421 4.3.2 stopping
          connect 554 5.7.1 not you          | 65 | refused at connect: 554 5.7.1 not you (3 times)
          end time=1 close                   | 69 | accepted 2 of 3 mails
          body reset                         | 69 | accepted 0 of 3 mails
          """)
  void whatWasRefusedIsToldAndTheExitCodeSaysHowBadItIs(String script, int code, String told)
      throws Exception {
    try (var receiver = receiver(script)) {
      assertThat(send(receiver, "--to", "bob@x.test", "--count", "3")).isEqualTo(code);
    }
    assertThat(out.toString()).contains(told);
  }

  @Test
  void figuresArePrintedAsJson() throws Exception {
    try (var receiver = receiver("rcpt to=bob@* 550 5.1.1 \"gone\"")) {
      assertThat(send(receiver, "--to", "bob@x.test", "--to", "carol@x.test", "--json"))
          .isEqualTo(ExitCode.DATA);
    }
    assertThat(out.toString())
        .contains("\"mails\":1,\"accepted\":1,\"recipients\":1,\"lost\":0,\"unsent\":0,")
        .contains("\"refused\":[{\"stage\":\"rcpt\",\"code\":550,\"text\":\"5.1.1 \\\"gone\\\"\",")
        .containsOnlyOnce("\n");
  }

  @Test
  void serverThatIsNotThereIsUnavailable() throws Exception {
    int port;
    try (var taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      port = taken.getLocalPort();
    }
    assertThat(run("send", "--to", "b@x.test", "--server", "127.0.0.1:" + port))
        .isEqualTo(ExitCode.UNAVAILABLE);
    assertThat(err.toString()).contains("cannot reach 127.0.0.1:" + port);
  }

  @Test
  void wrongUsageExitsWith64AndAMissingFileWith74() {
    assertThat(run("send")).isEqualTo(ExitCode.USAGE);
    assertThat(run("send", "--to", "b@x.test", "--count", "0")).isEqualTo(ExitCode.USAGE);
    assertThat(run("send", "--to", "b@x.test", "--server", "nowhere")).isEqualTo(ExitCode.USAGE);
    assertThat(run("sink", "--count", "-1")).isEqualTo(ExitCode.USAGE);
    assertThat(run("send", "--to", "b@x.test", "--data", folder.resolve("none").toString()))
        .isEqualTo(ExitCode.IO);
    assertThat(err.toString()).contains("cannot read ").contains("Try: flywheel send --help");
  }

  @Test
  void scriptThatSaysNothingExitsWith65() throws Exception {
    var script = Files.writeString(folder.resolve("rules"), "rcpt never\n");
    assertThat(run("sink", "--listen", "127.0.0.1:0", "--reply", script.toString()))
        .isEqualTo(ExitCode.DATA);
    assertThat(err.toString()).contains("rules:1: 'never' is no action");
  }

  @Test
  void bothCommandsHaveHelp() {
    assertThat(run("send", "--help")).isZero();
    assertThat(run("sink", "--help")).isZero();
    assertThat(out.toString())
        .contains("Usage: flywheel send", "Exit codes:", "Usage: flywheel sink", "MOMENT");
  }
}
