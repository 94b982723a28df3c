package org.flywheelmta.main;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.security.cert.CertificateFactory;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLException;
import javax.net.ssl.TrustManagerFactory;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * What stands behind STARTTLS in clear, as an attacker puts it there: no split of the octets makes
 * it count after the handshake.
 */
final class StartTlsInjectionTest {
  private static final String COMMAND = "STARTTLS\r\n";
  private static final String INJECTED = "EHLO evil.test\r\nMAIL FROM:<evil@evil.test>\r\nNOOP\r\n";
  private static final String BEGIN = "220 2.0.0 ";
  private static final String REJECTED = "554 5.7.0 ";
  private static final int ATTEMPTS = 1_000;
  private static final int LIMIT_MILLIS = (int) TimeUnit.SECONDS.toMillis(30);

  @TempDir private static Path keys;

  @TempDir private Path folder;

  @BeforeAll
  static void makeCertificate() throws IOException {
    SecuredServer.certificate(keys.resolve("a.pem"), "localhost");
  }

  private RunningServer server(String options) throws Exception {
    return RunningServer.start(
        folder,
        """
        gateway = "127.0.0.1:1"
        spool { path = "spool"  segment_size = 4MB }
        esmtp_listener {
          tls_certificate = ( "%s" )
          %s
          listen "127.0.0.1:0" { relay_hosts = ( "127.0.0.0/8" ) }
        }
        """
            .formatted(keys.resolve("a.pem").toAbsolutePath(), options));
  }

  @Test
  void nothingBehindStartTlsIsHeardWhereItIsRejected() throws Exception {
    int begun = 0;
    try (var server = server("tls_handshake_timeout = 1s\nstarttls_injection_policy = reject")) {
      var all = COMMAND + INJECTED;
      for (int split = 1; split < all.length(); split++) {
        try (var client = new Client(server.port())) {
          client.write(all.substring(0, split));
          client.write(all.substring(split));
          var reply = client.line();
          assertThat(reply).as("split at " + split).containsPattern("^(220 2\\.0|554 5\\.7)\\.0 ");
          begun += reply.startsWith(BEGIN) ? 1 : 0;
          // What follows a 220 is the end, or an alert before it.
          assertThat(client.rest()).as("split at " + split).doesNotContain("250", "503", "221");
        }
      }
      // Half of a command behind it is as bad as a whole one.
      for (var behind : new String[] {INJECTED, "N", "\r\n", "\0", "\u0016\u0003\u0001"}) {
        try (var client = new Client(server.port())) {
          client.write(COMMAND + behind);
          assertThat(client.line()).startsWith(REJECTED);
          assertThat(client.rest()).isEmpty();
        }
      }
    }
    assertThat(begun).as("handshakes begun").isLessThan(COMMAND.length() + INJECTED.length());
  }

  @Test
  void nothingBehindStartTlsIsHeardWhereItIsIgnored() throws Exception {
    int succeeded = 0;
    try (var server = server("tls_handshake_timeout = 1s\nstarttls_injection_policy = ignore")) {
      var all = COMMAND + INJECTED;
      for (int split = 1; split <= all.length(); split++) {
        try (var client = new Client(server.port())) {
          client.write(all.substring(0, split));
          if (split < all.length()) {
            client.write(all.substring(split));
          }
          assertThat(client.line()).startsWith(BEGIN);
          boolean whole = client.securesAndHearsNothingOfBefore("split at " + split);
          assertThat(whole || split < all.length()).as("all in one, split at " + split).isTrue();
          succeeded += whole ? 1 : 0;
        }
      }
    }
    assertThat(succeeded).as("handshakes that succeeded").isPositive();
  }

  /**
   * The server has begun, so what comes is for the engine, which takes it for a record: for none,
   * or for the begin of a long one of SSL 2, whose rest does not come in time.
   */
  @ParameterizedTest
  @ValueSource(strings = {"reject", "ignore"})
  void whatComesInClearBehindTheReplyEndsTheConnection(String policy) throws Exception {
    try (var server = server("tls_handshake_timeout = 1s\nstarttls_injection_policy = " + policy)) {
      // All at once, since some of them take all of their time.
      var clients = new ArrayList<Client>();
      try {
        for (int length = 1; length <= INJECTED.length(); length++) {
          var client = new Client(server.port());
          clients.add(client);
          client.write(COMMAND);
          assertThat(client.line()).startsWith(BEGIN);
          client.write(INJECTED.substring(0, length));
        }
        for (int i = 0; i < clients.size(); i++) {
          var what = "length " + (i + 1);
          assertThat(clients.get(i).securesAndHearsNothingOfBefore(what)).isFalse();
        }
      } finally {
        for (var client : clients) {
          client.close();
        }
      }
      try (var client = new Client(server.port())) {
        client.write(COMMAND);
        assertThat(client.line()).startsWith(BEGIN);
        assertThat(client.securesAndHearsNothingOfBefore("the honest one")).isTrue();
      }
    }
  }

  @Test
  void envelopeOfBeforeIsForgotten() throws Exception {
    try (var server = server("");
        var client = new Client(server.port())) {
      client.write("MAIL FROM:<evil@evil.test>\r\n");
      assertThat(client.line()).startsWith("250 ");
      client.write("RCPT TO:<victim@evil.test>\r\n");
      assertThat(client.line()).startsWith("250 ");
      client.write(COMMAND);
      assertThat(client.line()).startsWith(BEGIN);
      assertThat(client.securesAndHearsNothingOfBefore("an envelope")).isTrue();
    }
  }

  /** What is said in clear where the handshake has to come first gets no word in clear. */
  @Test
  void commandsInClearAreNotHeardWhereTlsIsImplicit() throws Exception {
    try (var server = server("tls_handshake_timeout = 1s\ntls = implicit")) {
      for (var said : List.of("EHLO evil.test\r\nNOOP\r\n", "STARTTLS\r\n", "\0\0\0", "\r\n", "")) {
        try (var socket = new Socket(InetAddress.getLoopbackAddress(), server.port())) {
          socket.setSoTimeout(LIMIT_MILLIS);
          socket.getOutputStream().write(said.getBytes(StandardCharsets.ISO_8859_1));
          assertThat(Client.rest(socket.getInputStream())).doesNotContain("220", "250", "554");
        }
      }
    }
  }

  @Test
  void handshakesAreLimitedAndEndInTimeHoweverOftenAnOctetComes() throws Exception {
    try (var server = server("tls_handshake_timeout = 2s\ntls_handshakes = 1");
        var slow = new Client(server.port());
        var other = new Client(server.port())) {
      slow.write(COMMAND);
      assertThat(slow.line()).startsWith(BEGIN);
      other.write(COMMAND);
      assertThat(other.line()).startsWith("454 4.7.0 ");
      // The begin of a record of 16,000 octets, and then one after the other.
      slow.write("\u0016\u0003\u0001>\u0080\u0001\0>|");
      int octets = 0;
      while (!slow.endsWithin(100)) {
        slow.write("\0");
        octets++;
        assertThat(octets).as("octets taken in a handshake of 2 s").isLessThan(200);
      }
      assertThat(octets).isPositive();
      // The client may know of the end a moment before the place is free.
      var secured = false;
      for (int i = 0; i < ATTEMPTS && !secured; i++) {
        try (var next = new Client(server.port())) {
          next.write(COMMAND);
          secured = next.line().startsWith(BEGIN) && next.securesAndHearsNothingOfBefore("next");
        }
      }
      assertThat(secured).as("a handshake after the slow one").isTrue();
    }
  }

  /** A connection whose client has said EHLO. */
  private static final class Client implements AutoCloseable {
    private final Socket socket;
    private final InputStream input;

    Client(int port) throws IOException {
      socket = new Socket(InetAddress.getLoopbackAddress(), port);
      socket.setTcpNoDelay(true);
      socket.setSoTimeout(LIMIT_MILLIS);
      input = socket.getInputStream();
      assertThat(line()).startsWith("220 ");
      write("EHLO client.test\r\n");
      var reply = line();
      while (reply.startsWith("250-")) {
        reply = line();
      }
    }

    /** Writes; that the other side has gone already is no failure. */
    void write(String text) throws IOException {
      try {
        socket.getOutputStream().write(text.getBytes(StandardCharsets.ISO_8859_1));
      } catch (SocketException gone) {
        // What it said before is read all the same.
      }
    }

    String line() throws IOException {
      return line(input);
    }

    private static String line(InputStream from) throws IOException {
      var line = new ByteArrayOutputStream();
      int octet = from.read();
      while (octet >= 0 && octet != '\n') {
        line.write(octet);
        octet = from.read();
      }
      return line.toString(StandardCharsets.ISO_8859_1);
    }

    /** All that comes until the end, which must come. */
    String rest() throws IOException {
      return rest(input);
    }

    static String rest(InputStream from) throws IOException {
      var rest = new ByteArrayOutputStream();
      try {
        from.transferTo(rest);
      } catch (SocketException reset) {
        // As good an end as any.
      }
      return rest.toString(StandardCharsets.ISO_8859_1);
    }

    /** True where the other side ends the connection in that time, with an alert or without. */
    boolean endsWithin(int millis) throws IOException {
      socket.setSoTimeout(millis);
      try {
        rest();
        return true;
      } catch (SocketTimeoutException open) {
        return false;
      } finally {
        socket.setSoTimeout(LIMIT_MILLIS);
      }
    }

    /** False where the handshake failed; where it succeeds the session has to be a new one. */
    boolean securesAndHearsNothingOfBefore(String which) throws Exception {
      var factory = context().getSocketFactory();
      try (var secured = factory.createSocket(socket, "localhost", socket.getPort(), true)) {
        var out = secured.getOutputStream();
        var in = secured.getInputStream();
        var commands =
            "RCPT TO:<u@sink.test>\r\nEHLO after.test\r\nRCPT TO:<u@sink.test>\r\nQUIT\r\n";
        out.write(commands.getBytes(StandardCharsets.US_ASCII));
        assertThat(line(in)).as(which).startsWith("503 ");
        var reply = line(in);
        assertThat(reply).as(which).startsWith("250-mta.test");
        while (reply.startsWith("250-")) {
          assertThat(reply).as(which).doesNotContain("STARTTLS");
          reply = line(in);
        }
        assertThat(line(in)).as(which).startsWith("503 ");
        assertThat(line(in)).as(which).startsWith("221 ");
        assertThat(in.read()).as(which).isNegative();
        return true;
      } catch (SSLException | SocketException failed) {
        assertThat(failed.getCause() instanceof SocketTimeoutException)
            .as("%s: the server does not end it", which)
            .isFalse();
        return false;
      }
    }

    private static SSLContext context() throws Exception {
      var context = SSLContext.getInstance("TLS");
      context.init(null, trust().getTrustManagers(), null);
      return context;
    }

    private static TrustManagerFactory trust() throws Exception {
      var store = KeyStore.getInstance("PKCS12");
      store.load(null, null);
      try (var file = Files.newInputStream(keys.resolve("a.pem"))) {
        store.setCertificateEntry(
            "a", CertificateFactory.getInstance("X.509").generateCertificate(file));
      }
      var factory = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
      factory.init(store);
      return factory;
    }

    @Override
    public void close() throws IOException {
      socket.close();
    }
  }
}
