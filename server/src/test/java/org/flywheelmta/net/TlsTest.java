package org.flywheelmta.net;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.MethodSource;

/** What sessions rely on when they ask for TLS, with each engine that the machine has. */
@Timeout(20)
@Tag("sockets")
@ParameterizedClass
@MethodSource("engines")
final class TlsTest {
  private static final String TEXT = "0123456789abcdef".repeat(40_000);

  @TempDir private Path folder;
  private final TlsEngine engine;

  TlsTest(TlsEngine engine) {
    this.engine = engine;
  }

  static List<TlsEngine> engines() {
    return TlsEngine.available();
  }

  private TlsStage stage() {
    return new TlsStage(engine, folder);
  }

  private static byte[] ascii(String text) {
    return text.getBytes(StandardCharsets.US_ASCII);
  }

  @Test
  void everythingArrivesBothWaysAndTheEndIsOrderly() throws Exception {
    try (var stage = stage()) {
      var address = stage.listen(stage.acceptor(10, stage.pair("a.pem", "a.test")));
      var client = stage.connect(address, stage.connector(TlsConnector.Verify.NO), "a.test");
      assertThat(client.tls().version()).isEqualTo("TLSv1.3");
      assertThat(client.tls().cipher()).startsWith("TLS_");
      assertThat(client.tls().group())
          .isEqualTo(engine == TlsEngine.BORINGSSL ? "X25519MLKEM768" : "");
      var server = stage.accepted();
      assertThat(server.tls().cipher()).isEqualTo(client.tls().cipher());

      stage.on(client, () -> TlsStage.write(client, TEXT));
      while (client.heard().length() < TEXT.length() && !client.closed.isDone()) {
        stage.on(client, () -> {});
      }
      assertThat(client.heard()).isEqualTo(TEXT);

      stage.on(
          server,
          () -> {
            TlsStage.write(server, "the last words");
            server.connection.close();
          });
      assertThat(client.ending()).isEqualTo("orderly");
      assertThat(client.heard()).isEqualTo(TEXT + "the last words");
      assertThat(server.ending()).isEqualTo("orderly");
    }
  }

  @Test
  void whatStandsBehindTheRequestIsNotHeardAfterTheHandshake() throws Exception {
    try (var stage = stage()) {
      var address = stage.listen(stage.acceptor(10, stage.pair("a.pem", "a.test")));
      try (var socket = TlsStage.dial(address)) {
        socket.getOutputStream().write(ascii(TlsStage.ASK + "MAIL FROM:<evil>"));
        var server = stage.accepted();
        assertThat(socket.getInputStream().read()).isEqualTo(TlsStage.GO);
        var secured = TlsStage.layer(socket, true);
        secured.getOutputStream().write(ascii("QUIT"));
        assertThat(secured.getInputStream().readNBytes(4)).isEqualTo(ascii("QUIT"));
        assertThat(server.heard()).isEqualTo(TlsStage.ASK + "QUIT");
      }
    }
  }

  @Test
  void clearTextInPlaceOfAHandshakeEndsTheConnection() throws Exception {
    try (var stage = stage()) {
      var acceptor = stage.acceptor(10, stage.pair("a.pem", "a.test"));
      var address = stage.listen(acceptor);
      try (var socket = TlsStage.dial(address)) {
        socket.getOutputStream().write(TlsStage.ASK);
        var server = stage.accepted();
        assertThat(socket.getInputStream().read()).isEqualTo(TlsStage.GO);
        socket.getOutputStream().write(ascii("MAIL FROM:<evil@example.com>\r\n"));
        assertThat(server.ending()).contains("TlsFailure: what came is no TLS record");
        assertThat(server.heard()).isEqualTo(String.valueOf(TlsStage.ASK));
        assertThat(acceptor.handshakesUnderWay()).isZero();
      }
    }
  }

  @Test
  void handshakesAtOnceAreLimitedAndGiveTheirPlaceBack() throws Exception {
    try (var stage = stage()) {
      var acceptor = stage.acceptor(1, stage.pair("a.pem", "a.test"));
      var address = stage.listen(acceptor);
      TlsStage.Side server;
      try (var socket = TlsStage.dial(address)) {
        socket.getOutputStream().write(TlsStage.ASK);
        server = stage.accepted();
        assertThat(socket.getInputStream().read()).isEqualTo(TlsStage.GO);
        assertThat(acceptor.begin()).as("a second handshake").isNull();
      }
      assertThat(server.ending()).isNotNull();
      var next = acceptor.begin();
      assertThat(next).isNotNull();
      Objects.requireNonNull(next).end();
    }
  }

  @Test
  void certificateIsTheOneForTheNameThatTheClientWants() throws Exception {
    try (var stage = stage()) {
      var first = stage.pair("a.pem", "a.test");
      var wild = stage.pair("b.pem", "b.test", "*.b.test");
      var address = stage.listen(stage.acceptor(10, first, wild));
      assertThat(believed(stage, address, "a.test", first)).isEqualTo("a.test");
      assertThat(believed(stage, address, "B.test", wild)).isEqualTo("B.test");
      assertThat(believed(stage, address, "x.b.test", wild)).isEqualTo("x.b.test");
      assertThat(believed(stage, address, "a.test", wild)).contains("TlsFailure");
      // Nobody's name: the first.
      assertThat(believed(stage, address, "c.test", first)).contains("TlsFailure");
    }
  }

  /**
   * Whom a client that believes one certificate alone has verified, or how its connection ended.
   */
  private static String believed(
      TlsStage stage, InetSocketAddress address, String host, Path certificate) throws Exception {
    var connector = stage.connector(TlsConnector.Verify.HOST, stage.certificate(certificate));
    var client = stage.connect(address, connector, host);
    var either =
        CompletableFuture.anyOf(client.secured, client.closed)
            .get(TlsStage.LIMIT_SECONDS, TimeUnit.SECONDS);
    return either instanceof String ending ? ending : client.tls().verified();
  }

  @Test
  void changedFilesHoldForTheNextConnectionAndHalfWrittenOnesForNone() throws Exception {
    try (var stage = stage()) {
      var file = stage.pair("a.pem", "a.test");
      var old = stage.certificate(file);
      var acceptor = stage.acceptor(10, file);
      var address = stage.listen(acceptor);
      assertThat(acceptor.reload(stage.disk)).as("nothing has changed").isFalse();

      var connectorOfOld = stage.connector(TlsConnector.Verify.CA, old);
      var kept = stage.connect(address, connectorOfOld, "a.test");
      assertThat(kept.tls()).isNotNull();

      Files.write(file, ascii("-----BEGIN CERTIFICATE-----\nMIIB"));
      assertThat(acceptor.reload(stage.disk)).isFalse();
      assertThat(stage.operator).anyMatch(line -> line.contains("keeps its certificates"));
      assertThat(stage.connect(address, connectorOfOld, "a.test").tls()).isNotNull();

      stage.pair("a.pem", "a.test");
      assertThat(acceptor.reload(stage.disk)).isTrue();
      assertThat(stage.connect(address, connectorOfOld, "a.test").ending()).contains("TlsFailure");
      assertThat(believed(stage, address, "a.test", file)).isEqualTo("a.test");

      stage.on(kept, () -> TlsStage.write(kept, "still here"));
      while (kept.heard().length() < 10 && !kept.closed.isDone()) {
        stage.on(kept, () -> {});
      }
      assertThat(kept.heard()).isEqualTo("still here");
    }
  }

  @Test
  void keyOfAnotherCertificateIsRefusedByName() throws Exception {
    try (var stage = stage()) {
      var certificate = stage.pair("a.pem", "a.test");
      var other = stage.pair("b.pem", "a.test");
      assertThatThrownBy(() -> keyOf(stage, certificate, other))
          .isInstanceOf(UnusableCertificate.class)
          .hasMessageContaining("b.pem: its key is not that of ");
    }
  }

  private static TlsIdentity keyOf(TlsStage stage, Path certificate, Path key)
      throws UnusableCertificate {
    var files = new TlsFiles(stage.disk);
    return TlsIdentity.of(certificate, files.read(certificate), key, files.read(key));
  }

  @Test
  void sessionIsResumedAtItsOwnListenerAndAtNoOther() throws Exception {
    if (engine != TlsEngine.BORINGSSL) {
      // The JDK's engine does not say what was resumed.
      return;
    }
    try (var stage = stage()) {
      var file = stage.pair("a.pem", "a.test");
      var first = stage.acceptor(10, file);
      var second = stage.acceptor(10, file);
      var connector = stage.connector(TlsConnector.Verify.NO);
      var resumed = new ArrayList<Boolean>();
      for (var acceptor : List.of(first, first, second)) {
        var client = stage.connect(stage.listen(acceptor), connector, "a.test");
        resumed.add(client.tls().resumed());
        // What the server says brings the ticket along.
        stage.on(client, () -> TlsStage.write(client, "x"));
        while (client.heard().isEmpty()) {
          stage.on(client, () -> {});
        }
      }
      assertThat(resumed).containsExactly(false, true, false);
    }
  }

  @Test
  void ourEndIsToldByCloseNotify() throws Exception {
    try (var stage = stage()) {
      var address = stage.listen(stage.acceptor(10, stage.pair("a.pem", "a.test")));
      try (var socket = TlsStage.dial(address)) {
        socket.getOutputStream().write(TlsStage.ASK);
        var server = stage.accepted();
        assertThat(socket.getInputStream().read()).isEqualTo(TlsStage.GO);
        var secured = TlsStage.layer(socket, true);
        secured.startHandshake();
        server.tls();
        stage.on(
            server,
            () -> {
              TlsStage.write(server, "bye");
              server.connection.close();
            });
        // An end without close_notify would be an exception here.
        assertThat(secured.getInputStream().readAllBytes()).isEqualTo(ascii("bye"));
      }
    }
  }

  @Test
  void closeNotifyOfAPeerThatKeepsItsSocketIsTheEnd() throws Exception {
    try (var stage = stage()) {
      var address = stage.listen(stage.acceptor(10, stage.pair("a.pem", "a.test")));
      try (var socket = TlsStage.dial(address)) {
        socket.getOutputStream().write(TlsStage.ASK);
        var server = stage.accepted();
        assertThat(socket.getInputStream().read()).isEqualTo(TlsStage.GO);
        var secured = TlsStage.layer(socket, false);
        secured.startHandshake();
        server.tls();
        secured.shutdownOutput();
        assertThat(server.ending()).isEqualTo("orderly");
      }
    }
  }
}
