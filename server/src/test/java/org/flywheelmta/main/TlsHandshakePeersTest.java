package org.flywheelmta.main;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Handshakes of the program openssl: versions, names, changed certificates, tickets, clients. */
@Tag("peers")
@ParameterizedClass
@ValueSource(strings = {"boringssl", "jdk"})
final class TlsHandshakePeersTest {
  private static final String PROGRAM = "openssl";

  private final String engine;

  @TempDir private Path folder;

  private Path data;
  private PeerPrograms programs;

  TlsHandshakePeersTest(String engine) {
    this.engine = engine;
  }

  private SecuredServer start(String listener) throws Exception {
    return SecuredServer.start(data, listener, "tls_engine = " + engine);
  }

  @BeforeEach
  void makeFolders() {
    data = folder.resolve("data");
    programs = new PeerPrograms(folder);
  }

  /** What a client prints that says QUIT and nothing else, and its status in the last line. */
  private String client(int port, String... more) throws IOException {
    var arguments =
        new ArrayList<>(
            List.of(
                "s_client",
                "-starttls",
                "smtp",
                "-connect",
                "127.0.0.1:" + port,
                "-crlf",
                "-ign_eof"));
    arguments.addAll(Arrays.asList(more));
    int status = programs.status(PROGRAM, arguments, "QUIT\n");
    return programs.output(PROGRAM) + "\nstatus " + status;
  }

  private static String subject(String name) {
    return "subject=CN = " + name + "\n";
  }

  @Test
  void versions12And13AreSpokenAnd11IsRefused() throws Exception {
    SecuredServer.certificate(data.resolve("a.pem"), "a.test");
    var listener = "tls_certificate = ( \"a.pem\" )\n" + SecuredServer.listen(0, "");
    try (var server = start(listener)) {
      assertThat(client(server.port(), "-tls1_2"))
          .contains("New, TLSv1.2, Cipher is ECDHE-RSA-", "221 2.0.0 ", "status 0");
      assertThat(client(server.port(), "-tls1_3"))
          .contains("New, TLSv1.3, Cipher is TLS_", "221 2.0.0 ", "status 0");
      // Without the level, the client itself would refuse.
      assertThat(client(server.port(), "-tls1_1", "-cipher", "DEFAULT@SECLEVEL=0"))
          .contains("alert protocol version", "New, (NONE), Cipher is (NONE)", "status 1")
          .doesNotContain("221 2.0.0 ");
    }
  }

  @Test
  void nameThatClientWantsChoosesTheCertificate() throws Exception {
    SecuredServer.certificate(data.resolve("a.pem"), "a.test");
    SecuredServer.certificate(data.resolve("b.pem"), "b.test");
    SecuredServer.certificate(data.resolve("w.pem"), "*.wild.test");
    var listener =
        "tls_certificate = ( \"a.pem\" \"b.pem\" \"w.pem\" )\n" + SecuredServer.listen(0, "");
    try (var server = start(listener)) {
      assertThat(client(server.port(), "-servername", "b.test")).contains(subject("b.test"));
      assertThat(client(server.port(), "-servername", "A.test")).contains(subject("a.test"));
      assertThat(client(server.port(), "-servername", "x.wild.test"))
          .contains(subject("*.wild.test"));
      assertThat(client(server.port(), "-servername", "x.y.wild.test")).contains(subject("a.test"));
      assertThat(client(server.port(), "-servername", "c.test", "-tls1_2"))
          .contains(subject("a.test"));
      assertThat(client(server.port(), "-noservername")).contains(subject("a.test"));
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"-tls1_2", "-tls1_3"})
  void ticketOfOneNameIsWorthNothingUnderAnother(String version) throws Exception {
    SecuredServer.certificate(data.resolve("a.pem"), "a.test");
    SecuredServer.certificate(data.resolve("b.pem"), "b.test");
    var listener = "tls_certificate = ( \"a.pem\" \"b.pem\" )\n" + SecuredServer.listen(0, "");
    var ticket = folder.resolve("ticket").toString();
    try (var server = start(listener)) {
      int port = server.port();
      assertThat(client(port, version, "-servername", "a.test", "-sess_out", ticket))
          .contains("\nNew, TLSv1.");
      assertThat(client(port, version, "-servername", "a.test", "-sess_in", ticket))
          .contains("\nReused, TLSv1.", "221 2.0.0 ");
      assertThat(client(port, version, "-servername", "b.test", "-sess_in", ticket))
          .contains("\nNew, TLSv1.", subject("b.test"), "221 2.0.0 ");
    }
  }

  @Test
  void changedCertificateIsTakenUpAndHalfWrittenOneIsNot() throws Exception {
    var first = SecuredServer.certificate(data.resolve("a.pem"), "a1.test");
    var second = SecuredServer.certificate(data.resolve("b.pem"), "b1.test");
    int port = RunningServer.freePort();
    var listener =
        SecuredServer.listen(0, "tls_certificate = ( \"a.pem\" )")
            + SecuredServer.listen(port, "tls_certificate = ( \"b.pem\" )");
    try (var server = start(listener)) {
      assertThat(client(server.port())).contains(subject("a1.test"));
      var whole = Files.readString(SecuredServer.certificate(folder.resolve("next"), "a2.test"));
      put(whole.substring(0, whole.length() - 100), first);
      move(SecuredServer.certificate(folder.resolve("next"), "b2.test"), second);
      // Once this one was looked at, so was the other, which comes before it.
      awaitCertificate(port, "b2.test");
      assertThat(client(server.port())).contains(subject("a1.test"));
      // And so a second time, of which nobody is told who was told already.
      move(SecuredServer.certificate(folder.resolve("next"), "b3.test"), second);
      awaitCertificate(port, "b3.test");
      assertThat(server.running().warnings())
          .singleElement()
          .asString()
          .contains(" keeps its certificates: ", "a.pem");
      put(whole, first);
      awaitCertificate(server.port(), "a2.test");
      // One half of a pair that does not fit is no pair.
      put(whole.substring(0, whole.indexOf("-----BEGIN PRIVATE KEY")), first);
      move(SecuredServer.certificate(folder.resolve("next"), "b4.test"), second);
      awaitCertificate(port, "b4.test");
      assertThat(client(server.port())).contains(subject("a2.test"));
      assertThat(server.running().warnings()).hasSize(2);
    }
  }

  /** At once, so that it is read as it is or not at all. */
  private void put(String content, Path file) throws IOException {
    move(Files.writeString(folder.resolve("next"), content), file);
  }

  private static void move(Path from, Path to) throws IOException {
    Files.move(from, to, StandardCopyOption.ATOMIC_MOVE);
  }

  private void awaitCertificate(int port, String name) throws Exception {
    PeerPrograms.await(
        folder,
        () -> {
          try {
            return client(port).contains(subject(name));
          } catch (IOException unreadable) {
            throw new AssertionError(unreadable);
          }
        });
  }

  @ParameterizedTest
  @ValueSource(strings = {"-tls1_2", "-tls1_3"})
  void ticketIsGoodWhereItWasGivenAndNowhereElse(String version) throws Exception {
    SecuredServer.certificate(data.resolve("a.pem"), "a.test");
    int other = RunningServer.freePort();
    var listener =
        "tls_certificate = ( \"a.pem\" )\n"
            + SecuredServer.listen(0, "")
            + SecuredServer.listen(other, "");
    var ticket = folder.resolve("ticket").toString();
    try (var server = start(listener)) {
      assertThat(client(server.port(), version, "-sess_out", ticket)).contains("\nNew, TLSv1.");
      assertThat(client(server.port(), version, "-sess_in", ticket))
          .contains("\nReused, TLSv1.", "221 2.0.0 ");
      assertThat(client(other, version, "-sess_in", ticket))
          .contains("\nNew, TLSv1.", "221 2.0.0 ");
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"-tls1_2", "-tls1_3"})
  void clientHasToShowCertificateOfAuthority(String version) throws Exception {
    SecuredServer.certificate(data.resolve("a.pem"), "a.test");
    var good = issue(data.resolve("ca.pem"), "good");
    var bad = issue(folder.resolve("other-ca.pem"), "bad");
    int optional = RunningServer.freePort();
    var listener =
        "tls_certificate = ( \"a.pem\" )\ntls_client_ca = \"ca.pem\"\n"
            + SecuredServer.listen(0, "tls_verify_mode = required")
            + SecuredServer.listen(optional, "tls_verify_mode = optional");
    try (var server = start(listener)) {
      for (int port : new int[] {server.port(), optional}) {
        assertThat(client(port, version, "-cert", good, "-key", good))
            .contains("Acceptable client certificate CA names\nCN = ca.pem")
            .contains("221 2.0.0 ");
        refused(client(port, version, "-cert", bad, "-key", bad), version);
      }
      refused(client(server.port(), version), version);
      assertThat(client(optional, version)).contains("221 2.0.0 ");
    }
  }

  private static void refused(String printed, String version) {
    assertThat(printed).doesNotContain("221 2.0.0 ");
    // A client of 1.3 goes on before it can know, and may learn of the refusal by its next write.
    if (version.equals("-tls1_2")) {
      assertThat(printed).contains(" alert ", "\nstatus 1");
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"-tls1_2", "-tls1_3"})
  void eventTellsWhoseCertificateWasVerifiedAlsoWhenResumed(String version) throws Exception {
    SecuredServer.certificate(data.resolve("a.pem"), "a.test");
    var pair = issue(data.resolve("ca.pem"), "good");
    var ticket = folder.resolve("ticket").toString();
    var listener =
        "tls_certificate = ( \"a.pem\" )\ntls_client_ca = \"ca.pem\"\n"
            + SecuredServer.listen(0, "");
    try (var server = start(listener)) {
      send(server, "none@from.test", version);
      assertThat(server.eventsOf("reception", "none@from.test").getFirst())
          .doesNotContain("tls_verified");
      send(server, "shown@from.test", version, "-cert", pair, "-key", pair, "-sess_out", ticket);
      assertThat(server.eventsOf("reception", "shown@from.test").getFirst())
          .contains("\"tls_verified\":\"CN=good\"");
      var again = send(server, "again@from.test", version, "-sess_in", ticket);
      assertThat(again).contains("\nReused, TLSv1.");
      assertThat(server.eventsOf("reception", "again@from.test").getFirst())
          .contains("\"tls_verified\":\"CN=good\"");
    }
  }

  /** Sends a mail; what the client prints. */
  private String send(SecuredServer server, String sender, String... more) throws Exception {
    var arguments =
        new ArrayList<>(
            List.of("s_client", "-starttls", "smtp", "-connect", "127.0.0.1:" + server.port()));
    arguments.addAll(List.of("-ign_eof", "-crlf"));
    arguments.addAll(Arrays.asList(more));
    var input =
        "EHLO c.test\nMAIL FROM:<%s>\nRCPT TO:<u@sink.test>\nDATA\n\nHello.\n.\nQUIT\n"
            .formatted(sender);
    assertThat(programs.status(PROGRAM, arguments, input)).isZero();
    server.checkArrivedSecured(sender);
    return programs.output(PROGRAM);
  }

  /** Makes an authority, and by it a certificate with its key in one file. */
  private String issue(Path authority, String name) throws IOException {
    var key = folder.resolve(name + ".ca.key").toString();
    var pair = folder.resolve(name + ".pem").toString();
    var subject = "/CN=" + authority.getFileName();
    var made =
        List.of("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2");
    var root = new ArrayList<>(List.of("req", "-x509"));
    root.addAll(made);
    root.addAll(List.of("-subj", subject, "-keyout", key, "-out", authority.toString()));
    programs.run(PROGRAM, root, new byte[0]);
    var issued = new ArrayList<>(List.of("req", "-x509"));
    issued.addAll(made);
    issued.addAll(List.of("-CA", authority.toString(), "-CAkey", key, "-subj", "/CN=" + name));
    issued.addAll(List.of("-keyout", pair + ".key", "-out", pair));
    issued.addAll(List.of("-addext", "basicConstraints=critical,CA:FALSE"));
    programs.run(PROGRAM, issued, new byte[0]);
    Files.writeString(
        Path.of(pair), Files.readString(Path.of(pair)) + Files.readString(Path.of(pair + ".key")));
    return pair;
  }
}
