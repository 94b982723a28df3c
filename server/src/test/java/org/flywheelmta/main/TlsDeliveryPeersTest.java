package org.flywheelmta.main;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.flywheelmta.dns.KnotInstance;
import org.flywheelmta.sim.Zone;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Deliveries over TLS to servers that others wrote, and to some that have none or a broken one. */
@Tag("peers")
final class TlsDeliveryPeersTest {
  private static final String SECURED =
      "\"tls_version\":\"TLSv1\\.[23]\",\"tls_cipher\":\"TLS_\\w+\"";

  @TempDir private Path folder;

  private PeerPrograms programs;
  private Path pem;
  private int port;

  @BeforeEach
  void prepare() throws IOException {
    programs = new PeerPrograms(folder);
    pem = SecuredServer.certificate(folder.resolve("pair.pem"), "right.tls.test", "127.0.0.1");
    port = RunningServer.freePort();
  }

  /** A server whose mail all goes to the port. */
  private RunningServer toPort(String options) throws Exception {
    return server("gateway = \"127.0.0.1:%d\"\n%s".formatted(port, options));
  }

  private RunningServer server(String options) throws Exception {
    return RunningServer.start(
        folder.resolve("data"),
        """
        retry_interval = 1s
        spool { path = "spool"  segment_size = 4MB }
        %s
        esmtp_listener { listen "127.0.0.1:0" { relay_hosts = ( "127.0.0.0/8" ) } }
        """
            .formatted(options));
  }

  private PostfixInstance postfix(String level) throws IOException {
    return PostfixInstance.keepingBy(
        folder.resolve("postfix"),
        port,
        """
        smtpd_tls_security_level = %1$s
        smtpd_tls_cert_file = %2$s
        smtpd_tls_key_file = %2$s
        smtpd_tls_received_header = yes
        """
            .formatted(level, pem));
  }

  private static void send(RunningServer server, String recipient) throws IOException {
    try (var socket = new Socket(InetAddress.getLoopbackAddress(), server.port());
        var replies =
            new BufferedReader(
                new InputStreamReader(socket.getInputStream(), StandardCharsets.US_ASCII))) {
      var mail =
          "HELO client.test\r\nMAIL FROM:<a@from.test>\r\nRCPT TO:<%s>\r\nDATA\r\n"
              .formatted(recipient);
      socket.getOutputStream().write(mail.getBytes(StandardCharsets.US_ASCII));
      for (var reply : List.of("220 ", "250 ", "250 ", "250 ", "354 ")) {
        assertThat(replies.readLine()).startsWith(reply);
      }
      var content = "Subject: secured\r\n\r\nHello.\r\n.\r\nQUIT\r\n";
      socket.getOutputStream().write(content.getBytes(StandardCharsets.US_ASCII));
      assertThat(replies.readLine()).startsWith("250 2.0.0 OK ");
      assertThat(replies.readLine()).startsWith("221 ");
    }
  }

  private List<String> events(String type, String recipient) {
    return PeerPrograms.events(folder.resolve("data/log"), type).stream()
        .filter(line -> line.contains("\"recipient\":\"" + recipient + "\""))
        .toList();
  }

  private String awaitEvent(String type, String recipient) throws Exception {
    PeerPrograms.await(folder.resolve("data/log"), () -> !events(type, recipient).isEmpty());
    return events(type, recipient).getFirst();
  }

  @ParameterizedTest
  @CsvSource({"may, ifavailable", "encrypt, required"})
  void postfixIsSentMailSecured(String level, String tls) throws Exception {
    try (var postfix = postfix(level);
        var server = toPort("tls = " + tls)) {
      send(server, "a@sink.test");
      assertThat(awaitEvent("delivery", "a@sink.test")).containsPattern(SECURED);
      PeerPrograms.await(postfix.mailbox(), () -> !mails(postfix).isEmpty());
      assertThat(mails(postfix))
          .singleElement()
          .asString()
          .contains("with ESMTPS id ")
          .containsPattern("\\(using TLSv1\\.[23] with cipher ");
    }
  }

  @Test
  void postfixThatDemandsTlsGetsNothingInClear() throws Exception {
    try (var _ = postfix("encrypt");
        var server = toPort("tls = no")) {
      send(server, "a@sink.test");
      assertThat(awaitEvent("bounce", "a@sink.test")).contains("\"code\":530");
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"no", "ifavailable", "required"})
  void smtpServerOfNpmIsSentMailAsTlsSays(String tls) throws Exception {
    var kept = Files.createDirectories(folder.resolve("kept"));
    var node = smtpServer(kept);
    try {
      try (var server = toPort("tls = " + tls)) {
        send(server, "a@sink.test");
        var event = awaitEvent("delivery", "a@sink.test");
        if (tls.equals("no")) {
          assertThat(event).doesNotContain("tls_");
        } else {
          assertThat(event).containsPattern(SECURED);
        }
      }
    } finally {
      PeerPrograms.stop(node);
    }
    assertThat(Files.readString(kept.resolve("1.mail"))).contains("Hello.");
  }

  private Process smtpServer(Path kept) throws Exception {
    var node =
        programs.start(
            "node",
            List.of(
                Path.of("src/test/peers/smtp-server.js").toAbsolutePath().toString(),
                TlsSender.NODE_MODULES.toAbsolutePath().toString(),
                "127.0.0.1",
                String.valueOf(port),
                kept.toString(),
                pem.toString()));
    PeerPrograms.await(folder, () -> printed("node", "listening") == 1);
    return node;
  }

  /** Few that fill every buffer on their way, and many that share connections. */
  @ParameterizedTest
  @CsvSource({"2, 1, 3000000", "10, 30, 2000", "3, 3, 300000"})
  void mailsArriveWholeOverTlsOnBothSides(int connections, int each, int size) throws Exception {
    var kept = Files.createDirectories(folder.resolve("kept"));
    var local = SecuredServer.certificate(folder.resolve("local.pem"), "localhost");
    var node = smtpServer(kept);
    int count = connections * each;
    try (var server =
        toPort(
            """
            tls = required
            esmtp_listener { tls_certificate = ( "%s" )  tls = required }
            """
                .formatted(local))) {
      var arguments =
          List.of(
              Path.of("src/test/peers/smtplib-many.py").toAbsolutePath().toString(),
              String.valueOf(server.port()),
              local.toString(),
              String.valueOf(connections),
              String.valueOf(each),
              String.valueOf(size));
      programs.run("python3", arguments, new byte[0]);
      var log = folder.resolve("data/log");
      PeerPrograms.await(log, () -> PeerPrograms.events(log, "delivery").size() == count);
      for (var type : List.of("reception", "delivery")) {
        assertThat(PeerPrograms.events(log, type))
            .hasSize(count)
            .allSatisfy(event -> assertThat(event).containsPattern(SECURED));
      }
    } finally {
      PeerPrograms.stop(node);
    }
    var line = "The quick brown fox jumps over the lazy dog, and once more.\r\n";
    var body = line.repeat(size / line.length());
    for (int i = 1; i <= count; i++) {
      var mail = Files.readString(kept.resolve(i + ".mail"));
      var name = mail.substring(0, mail.indexOf('@'));
      assertThat(
              mail.endsWith("\r\nSubject: " + name + "\r\n\r\n" + body + "end of " + name + "\r\n"))
          .as("mail %s is whole", name)
          .isTrue();
    }
  }

  @Test
  void mailThatHasToBeSecuredWaitsForSinkThatHasNoTls() throws Exception {
    var sink =
        programs.start("smtp-sink", List.of("-u", "nobody", "-c", "127.0.0.1:" + port, "16"));
    try (var server = toPort("tls = required")) {
      send(server, "a@sink.test");
      // The sink may not listen at the first attempt.
      var waits = "\"enhanced\":\"4.7.4\",\"text\":\"the other side does not offer STARTTLS\"";
      PeerPrograms.await(
          folder.resolve("data/log"),
          () -> events("tempfail", "a@sink.test").stream().anyMatch(e -> e.contains(waits)));
      assertThat(server.waiting()).isEqualTo(1);
      assertThat(events("delivery", "a@sink.test")).isEmpty();
    } finally {
      PeerPrograms.stop(sink);
    }
    assertThat(programs.output("smtp-sink")).doesNotContain("mesg=1");
  }

  @Test
  void certificateHasToBeOfTheHostThatMailGoesTo() throws Exception {
    var zone =
        new Zone("tls.test", 300, 60)
            .addresses("ns.tls.test", 300, "127.0.0.1")
            .addresses("right.tls.test", 300, "127.0.0.1")
            .addresses("wrong.tls.test", 300, "127.0.0.1")
            .exchangers("good.tls.test", 300, "right.tls.test")
            .exchangers("bad.tls.test", 300, "wrong.tls.test");
    var stranger = SecuredServer.certificate(folder.resolve("stranger.pem"), "right.tls.test");
    try (var knot = KnotInstance.start(folder.resolve("knot"), "tls.test", zone);
        var _ = postfix("may");
        var server =
            server(
                """
                dns_servers = ( "127.0.0.1:%d" )
                remote_smtp_port = %d
                allow_loopback_mx = yes
                max_deliveries_per_connection = 1
                tls = required
                tls_verify = host
                tls_ca = "%s"
                domain "ca.bad.tls.test" { tls_verify = ca  routes = ( "127.0.0.1:%2$d" ) }
                domain "address.tls.test" { routes = ( "127.0.0.1:%2$d" ) }
                domain "stranger.tls.test" { tls_ca = "%s"  routes = ( "127.0.0.1:%2$d" ) }
                """
                    .formatted(knot.address().getPort(), port, pem, stranger))) {
      for (var domain : List.of("bad", "stranger", "good", "ca.bad", "address")) {
        send(server, "a@" + domain + ".tls.test");
      }
      assertThat(awaitEvent("delivery", "a@good.tls.test"))
          .containsPattern(SECURED + "[^}]*,\"tls_verified\":\"right\\.tls\\.test\"");
      assertThat(awaitEvent("delivery", "a@address.tls.test"))
          .containsPattern(SECURED + "[^}]*,\"tls_verified\":\"127\\.0\\.0\\.1\"");
      assertThat(awaitEvent("delivery", "a@ca.bad.tls.test"))
          .containsPattern(SECURED + "[^}]*,\"tls_verified\":\"CN=right\\.tls\\.test\"");
      // By a session of before, whose other side was verified then.
      send(server, "b@ca.bad.tls.test");
      assertThat(awaitEvent("delivery", "b@ca.bad.tls.test"))
          .containsPattern(SECURED + "[^}]*,\"tls_verified\":\"CN=right\\.tls\\.test\"");
      for (var refused : List.of("a@bad.tls.test", "a@stranger.tls.test")) {
        assertThat(awaitEvent("tempfail", refused)).contains("TLS failed: ");
        assertThat(events("delivery", refused)).isEmpty();
      }
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"close", "garbage", "reset"})
  void mailGoesInClearAfterBrokenHandshake(String way) throws Exception {
    var broken = startTls(way);
    try (var server = toPort("max_deliveries_per_connection = 1")) {
      for (var recipient : List.of("a@sink.test", "b@sink.test", "c@sink.test")) {
        send(server, recipient);
        assertThat(awaitEvent("delivery", recipient)).doesNotContain("tls_");
      }
      assertThat(PeerPrograms.events(folder.resolve("data/log"), "tempfail")).isEmpty();
    } finally {
      PeerPrograms.stop(broken);
    }
    assertThat(printed("python3", "mail in clear")).isEqualTo(3);
    // A connection that ends may have been ended by anybody: that is no reason to give TLS up.
    long tried = way.equals("garbage") ? 1 : 3;
    assertThat(printed("python3", "STARTTLS")).as("handshakes tried").isEqualTo(tried);
    assertThat(printed("python3", "connection")).isEqualTo(3 + tried);
  }

  @ParameterizedTest
  @CsvSource({
    "close, tls = required",
    "garbage, tls = required",
    "close, tls_ifavailable_fallback = off",
    "garbage, tls_ifavailable_fallback = off"
  })
  void mailWaitsForBrokenHandshakeWhereItMayNotGoInClear(String way, String policy)
      throws Exception {
    var broken = startTls(way);
    try (var server = toPort(policy)) {
      send(server, "a@sink.test");
      awaitEvent("tempfail", "a@sink.test");
      PeerPrograms.await(folder, () -> printed("python3", "STARTTLS") > 1);
      assertThat(events("delivery", "a@sink.test")).isEmpty();
    } finally {
      PeerPrograms.stop(broken);
    }
    assertThat(printed("python3", "mail in clear")).isZero();
  }

  @ParameterizedTest
  @ValueSource(strings = {"boringssl", "jdk"})
  void sessionsAreResumedUnderTheSamePolicyAlone(String engine) throws Exception {
    var python = startTls(pem.toString());
    try (var server =
        server(
            """
            tls_engine = %s
            max_deliveries_per_connection = 1
            routes = ( "127.0.0.1:%d" )
            domain "strict.test" { tls = required }
            domain "verified.test" { tls = required  tls_verify = ca  tls_ca = "%s" }
            """
                .formatted(engine, port, pem))) {
      for (var domain : List.of("any", "strict", "verified")) {
        for (var name : List.of("a", "b", "c")) {
          send(server, name + "@" + domain + ".test");
          assertThat(awaitEvent("delivery", name + "@" + domain + ".test"))
              .containsPattern(SECURED);
        }
      }
    } finally {
      PeerPrograms.stop(python);
    }
    assertThat(printed("python3", "mail secured")).isEqualTo(9);
    assertThat(printed("python3", "resumed session")).isEqualTo(6);
    assertThat(printed("python3", "new session")).isEqualTo(3);
  }

  private Process startTls(String way) throws Exception {
    var process =
        programs.start(
            "python3",
            List.of(
                Path.of("src/test/peers/starttls.py").toAbsolutePath().toString(),
                String.valueOf(port),
                way));
    PeerPrograms.await(folder, () -> printed("python3", "listening") == 1);
    return process;
  }

  /** How often a program has printed a line. */
  private long printed(String program, String line) {
    try {
      return programs.output(program).lines().filter(line::equals).count();
    } catch (IOException unreadable) {
      throw new AssertionError(unreadable);
    }
  }

  private static List<String> mails(PostfixInstance postfix) {
    var mails = new ArrayList<String>();
    try (var files = Files.newDirectoryStream(postfix.mailbox())) {
      for (var file : files) {
        mails.add(Files.readString(file, StandardCharsets.ISO_8859_1));
      }
      return mails;
    } catch (IOException unreadable) {
      throw new AssertionError(unreadable);
    }
  }
}
