package org.flywheelmta.main;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Clients that others wrote log in and send over TLS; nobody else may. */
@Tag("peers")
final class AuthPeersTest {
  private static final String RIGHT = "correct-horse";
  private static final String WRONG = "battery-staple";

  // Of one address there come more wrong passwords here than anybody bears.
  private static final String GLOBAL =
      """
      accounts_file = "keys/accounts"
      auth_failure_delay = 0s
      auth_address_failures = 1000
      """;

  @TempDir private Path folder;

  private Path data() {
    return folder.resolve("data");
  }

  /** As an operator does, and before the server runs for the first time. */
  private void addAccount(String name) throws IOException {
    var configuration = folder.resolve("flywheel.conf");
    Files.writeString(
        configuration,
        "accounts_file = \"%s\"\n".formatted(data().resolve("keys/accounts").toAbsolutePath()));
    Files.createDirectories(data());
    var errors = new StringWriter();
    var before = System.in;
    System.setIn(new ByteArrayInputStream((RIGHT + "\n").getBytes(StandardCharsets.UTF_8)));
    try {
      int status =
          Main.commandLine()
              .setErr(new PrintWriter(errors, true))
              .execute("account", "add", name, "--config", configuration.toString());
      assertThat(status).as(errors.toString()).isEqualTo(ExitCode.OK);
    } finally {
      System.setIn(before);
    }
  }

  private static String listen(int port, String options) {
    return "listen \"127.0.0.1:%d\" { %s }\n".formatted(port, options);
  }

  private SecuredServer start(String listens) throws Exception {
    return SecuredServer.start(
        data(), "tls_self_signed = on\nauth_required = on\n" + listens, GLOBAL);
  }

  /** The lines of the audit of one type that tell of an account. */
  private static List<String> audit(SecuredServer server, String type, String account) {
    var lines = new ArrayList<String>();
    try (var files = Files.newDirectoryStream(server.log(), "audit-*.jsonl")) {
      for (var file : files) {
        for (var line : Files.readString(file).split("\n", -1)) {
          if (line.contains("\"type\":\"" + type + "\"")
              && line.contains("\"account\":\"" + account + "\"")) {
            lines.add(line);
          }
        }
      }
    } catch (IOException unreadable) {
      throw new UncheckedIOException(unreadable);
    }
    return lines;
  }

  private static void checkRefused(SecuredServer server, String account, String mechanism)
      throws Exception {
    PeerPrograms.await(
        server.log(), () -> !audit(server, "authentication_failed", account).isEmpty());
    assertThat(audit(server, "authentication_failed", account))
        .allSatisfy(
            line ->
                assertThat(line)
                    .contains("\"mechanism\":\"" + mechanism + "\"")
                    .contains("\"service\":\"smtp\"", "\"peer\":\"127.0.0.1:", "\"secure\":true")
                    .contains("\"reason\":\"credentials\"")
                    .doesNotContain(WRONG));
  }

  @Test
  void programsLogInAndSendAndAreRefusedWithAnotherPassword() throws Exception {
    for (var program : AuthSender.values()) {
      addAccount(program.account());
    }
    int implicit = RunningServer.freePort();
    var programs = new PeerPrograms(folder);
    var own = data().resolve("keys/self-signed.pem");
    try (var server = start(listen(0, "") + listen(implicit, "tls = implicit"))) {
      for (var program : AuthSender.values()) {
        for (boolean first : new boolean[] {false, true}) {
          var sender = program.name() + "-" + first + "@from.test";
          var by = new TlsSender.Attempt(first ? implicit : server.port(), first, own, sender);
          assertThat(program.send(programs, by, RIGHT))
              .as("%s: %s", sender, programs.output(program.program()))
              .isZero();
          server.checkArrivedSecured(sender, "ESMTPSA");
        }
        var sender = program.name() + "-wrong@from.test";
        var by = new TlsSender.Attempt(server.port(), false, own, sender);
        assertThat(program.send(programs, by, WRONG)).as(sender).isNotZero();
        checkRefused(server, program.account(), program.mechanism());
        assertThat(server.eventsOf("reception", sender)).isEmpty();
        assertThat(audit(server, "authenticated", program.account()))
            .hasSize(2)
            .allMatch(line -> line.contains("\"mechanism\":\"" + program.mechanism() + "\""));
      }
      // Without a password nobody sends, although the address is this machine's.
      var by = new TlsSender.Attempt(server.port(), false, own, "nobody@from.test");
      assertThat(TlsSender.CURL.send(programs, by)).isNotZero();
      assertThat(server.eventsOf("reception", "nobody@from.test")).isEmpty();
      for (var name : List.of("events", "audit")) {
        assertThat(text(server.log(), name)).doesNotContain(RIGHT, WRONG);
      }
    }
  }

  @Test
  void whoLoggedInInClearIsNobodyOnceTlsHasBegun() throws Exception {
    addAccount("python");
    var programs = new PeerPrograms(folder);
    try (var server = start(listen(0, "auth_allow_clear = on"))) {
      var script = Path.of("src/test/peers/smtplib-login-starttls.py").toAbsolutePath().toString();
      var own = data().resolve("keys/self-signed.pem").toString();
      var arguments = List.of(script, String.valueOf(server.port()), own, "python", RIGHT);
      assertThat(programs.status("python3", arguments, "")).as(programs.output("python3")).isZero();
      assertThat(programs.output("python3").lines()).containsExactly("250", "530", "250");
    }
  }

  private static String text(Path log, String name) throws IOException {
    var text = new StringBuilder();
    try (var files = Files.newDirectoryStream(log, name + "-*.jsonl")) {
      for (var file : files) {
        text.append(Files.readString(file));
      }
    }
    return text.toString();
  }

  @Test
  void postfixLogsInAndSends() throws Exception {
    addAccount("postfix");
    int implicit = RunningServer.freePort();
    int other = RunningServer.freePort();
    try (var server =
        start(listen(0, "") + listen(implicit, "tls = implicit") + listen(other, ""))) {
      var main =
          """
          smtp_tls_security_level = encrypt
          smtp_sasl_auth_enable = yes
          smtp_sasl_security_options = noanonymous
          smtp_sasl_password_maps = inline:{
            {[127.0.0.1]:%1$d=postfix:%4$s} {[127.0.0.1]:%2$d=postfix:%4$s}
            {[127.0.0.1]:%3$d=postfix:%5$s}}
          transport_maps = inline:{
            {best.test = smtp:[127.0.0.1]:%1$d} {plain.test = plain:[127.0.0.1]:%1$d}
            {implicit.test = implicit:[127.0.0.1]:%2$d} {wrong.test = plain:[127.0.0.1]:%3$d}}
          """
              .formatted(server.port(), implicit, other, RIGHT, WRONG);
      var master =
          """
          implicit unix - - n - - smtp -o smtp_tls_wrappermode=yes
              -o smtp_sasl_mechanism_filter=login
          plain unix - - n - - smtp -o smtp_sasl_mechanism_filter=plain
          """;
      try (var postfix = PostfixInstance.sending(folder.resolve("postfix"), main, master)) {
        for (var name : List.of("wrong", "best", "plain", "implicit")) {
          var mail = "From: a@from.test\nSubject: " + name + "\n\nHello.\n";
          postfix.submit(name + "@from.test", List.of("u@" + name + ".test"), mail);
        }
        for (var name : List.of("best", "plain", "implicit")) {
          server.checkArrivedSecured(name + "@from.test", "ESMTPSA");
        }
        checkRefused(server, "postfix", "PLAIN");
      }
      assertThat(server.eventsOf("reception", "wrong@from.test")).isEmpty();
      for (var mechanism : List.of("SCRAM-SHA-256", "PLAIN", "LOGIN")) {
        assertThat(audit(server, "authenticated", "postfix"))
            .as(mechanism)
            .filteredOn(line -> line.contains("\"mechanism\":\"" + mechanism + "\""))
            .hasSize(1);
      }
    }
  }
}
