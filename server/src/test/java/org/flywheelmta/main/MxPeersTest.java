package org.flywheelmta.main;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.flywheelmta.dns.KnotInstance;
import org.flywheelmta.sim.Zone;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Mail by MX records that a real name server tells, to servers that others wrote. */
@Tag("peers")
@Tag("sockets")
final class MxPeersTest {
  /** An address of this machine at which nobody listens on the port that hosts have. */
  private static final String NOBODY = "127.0.0.2";

  @TempDir private Path folder;

  private int port;

  @BeforeEach
  void findPort() throws IOException {
    port = RunningServer.freePort();
  }

  private static Zone zone() {
    var hosts = new ArrayList<String>(List.of("live.mx.test"));
    for (int i = 0; i < 28; i++) {
      hosts.add("h%02d.%s.%s.mx.test".formatted(i, "a".repeat(50), "b".repeat(50)));
    }
    return new Zone("mx.test", 300, 60)
        .addresses("ns.mx.test", 300, "127.0.0.1")
        .addresses("live.mx.test", 300, "127.0.0.1")
        .addresses("dead.mx.test", 300, NOBODY)
        .addresses("both.mx.test", 300, "2001:db8::1", "127.0.0.1")
        .exchangers("two.mx.test", 300, "dead.mx.test", "live.mx.test")
        .exchangers("six.mx.test", 300, "both.mx.test")
        .exchangers("big.mx.test", 300, hosts.toArray(String[]::new))
        .exchangers("end.mx.test", 300, "live.mx.test")
        .alias("middle.mx.test", 300, "end.mx.test")
        .alias("chain.mx.test", 300, "middle.mx.test")
        .noMail("null.mx.test", 300);
  }

  private RunningServer server(String dnsServer, String more) throws Exception {
    return RunningServer.start(
        folder.resolve("data"),
        """
        dns_servers = ( "%s" )
        remote_smtp_port = %d
        allow_loopback_mx = yes
        prefer_ipv6_mxs = yes
        retry_interval = 1s
        spool { path = "spool"  segment_size = 4MB }
        esmtp_listener { listen "127.0.0.1:0" { relay_hosts = ( "127.0.0.0/8" ) } }
        %s
        """
            .formatted(dnsServer, port, more));
  }

  private static String at(KnotInstance knot) {
    return "127.0.0.1:" + knot.address().getPort();
  }

  /** One mail to each, which must all be taken. */
  private static void send(RunningServer server, String... recipients) throws IOException {
    try (var socket = new Socket(InetAddress.getLoopbackAddress(), server.port());
        var replies =
            new BufferedReader(
                new InputStreamReader(socket.getInputStream(), StandardCharsets.US_ASCII))) {
      assertThat(replies.readLine()).startsWith("220 ");
      say(socket, replies, "HELO client.test", "250 ");
      for (var recipient : recipients) {
        say(socket, replies, "MAIL FROM:<sender@from.test>", "250 ");
        say(socket, replies, "RCPT TO:<" + recipient + ">", "250 ");
        say(socket, replies, "DATA", "354 ");
        say(socket, replies, "Subject: to " + recipient + "\r\n\r\nHello.\r\n.", "250 2.0.0 OK ");
      }
      say(socket, replies, "QUIT", "221 ");
    }
  }

  private static void say(Socket socket, BufferedReader replies, String text, String reply)
      throws IOException {
    socket.getOutputStream().write((text + "\r\n").getBytes(StandardCharsets.US_ASCII));
    assertThat(replies.readLine()).as(text).startsWith(reply);
  }

  private List<String> events(String type) {
    return PeerPrograms.events(folder.resolve("data/log"), type);
  }

  private void awaitEvents(String type, int count) throws Exception {
    PeerPrograms.await(folder.resolve("data/log"), () -> events(type).size() >= count);
  }

  private void awaitEvent(String type, String recipient) throws Exception {
    PeerPrograms.await(
        folder.resolve("data/log"), () -> eventsOf(type, recipient).findFirst().isPresent());
  }

  private Stream<String> eventsOf(String type, String recipient) {
    return events(type).stream().filter(line -> line.contains("\"" + recipient + "\""));
  }

  private String eventOf(String type, String recipient) {
    return eventsOf(type, recipient)
        .findFirst()
        .orElseThrow(() -> new AssertionError(type + " of " + recipient + " in " + events(type)));
  }

  @Test
  void postfixGetsWhatMxRecordsLeadToIt() throws Exception {
    try (var knot = KnotInstance.start(folder.resolve("knot"), "mx.test", zone());
        var postfix = PostfixInstance.keeping(folder.resolve("postfix"), port);
        var server = server(at(knot), "")) {
      send(server, "a@two.mx.test", "b@six.mx.test", "c@big.mx.test", "d@chain.mx.test");
      awaitEvents("delivery", 4);
      PeerPrograms.await(postfix.mailbox(), () -> countOf(postfix.mailbox()) == 4);
      assertThat(events("tempfail")).isEmpty();
      assertThat(eventOf("delivery", "a@two.mx.test")).contains("\"peer\":\"127.0.0.1:" + port);
      send(server, "e@null.mx.test", "f@gone.mx.test", "g@x.broken.test");
      awaitEvents("bounce", 2);
      // The notifications of both are put off too, and may be so before it.
      awaitEvent("tempfail", "g@x.broken.test");
      assertThat(eventOf("bounce", "e@null.mx.test")).contains("\"enhanced\":\"5.1.10\"");
      assertThat(eventOf("bounce", "f@gone.mx.test")).contains("\"enhanced\":\"5.1.2\"");
      assertThat(eventOf("tempfail", "g@x.broken.test"))
          .contains("\"enhanced\":\"4.4.3\"")
          .contains("SERVFAIL");
    }
  }

  @Test
  void smtpServerOfNpmGetsThem() throws Exception {
    var kept = Files.createDirectories(folder.resolve("kept"));
    var modules = Path.of("../target/peers/node_modules");
    assertThat(modules.resolve("smtp-server"))
        .as("npm install --prefix target/peers smtp-server, as .ci/run does")
        .exists();
    var programs = new PeerPrograms(folder);
    var node =
        programs.start(
            "node",
            List.of(
                Path.of("src/test/peers/smtp-server.js").toAbsolutePath().toString(),
                modules.toAbsolutePath().toString(),
                "127.0.0.1",
                String.valueOf(port),
                kept.toString()));
    try (var knot = KnotInstance.start(folder.resolve("knot"), "mx.test", zone())) {
      PeerPrograms.await(folder, () -> saysListening(programs));
      try (var server = server(at(knot), "")) {
        send(server, "a@two.mx.test", "b@chain.mx.test");
        awaitEvents("delivery", 2);
        assertThat(countOf(kept)).isEqualTo(2);
      }
    } finally {
      PeerPrograms.stop(node);
    }
    assertThat(Files.readString(kept.resolve("1.mail"))).contains("Hello.");
  }

  @Test
  void nameServerThatIsSilentIsAskedAgain() throws Exception {
    try (var silent = new DatagramSocket(0, InetAddress.getLoopbackAddress());
        var server = server("127.0.0.1:" + silent.getLocalPort(), "dns_timeout = 50ms")) {
      send(server, "a@two.mx.test");
      awaitEvents("tempfail", 2);
      assertThat(eventOf("tempfail", "a@two.mx.test")).contains("\"enhanced\":\"4.4.3\"");
      // While it is being tried once more it does not wait.
      PeerPrograms.await(folder, () -> server.waiting() == 1);
    }
  }

  private static boolean saysListening(PeerPrograms programs) {
    try {
      return programs.output("node").contains("listening");
    } catch (IOException unreadable) {
      throw new AssertionError(unreadable);
    }
  }

  private static long countOf(Path mails) {
    try (var files = Files.list(mails)) {
      return files.filter(file -> !file.toString().endsWith(".part")).count();
    } catch (IOException unreadable) {
      throw new AssertionError(unreadable);
    }
  }
}
