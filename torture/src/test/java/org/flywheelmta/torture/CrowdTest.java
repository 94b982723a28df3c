package org.flywheelmta.torture;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.ByteBuffer;
import java.nio.channels.Selector;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class CrowdTest {
  private static final Duration LIMIT = Duration.ofSeconds(20);
  private static final Duration SELDOM = Duration.ofHours(1);
  private static final InetSocketAddress NO_SINK = RunFolder.freePort();

  private static SmallRelay relay(int sessionsMax) throws IOException {
    return SmallRelay.start(0, NO_SINK, SmallRelay.Way.HONEST, sessionsMax, () -> {});
  }

  @Test
  void everybodyStandsBesideAServerThatLetsThem() throws Exception {
    try (var relay = relay(Integer.MAX_VALUE);
        var crowd = Crowd.gather(relay.address(), 250, 50, SELDOM)) {
      assertThat(crowd.await(LIMIT)).isTrue();
      assertThat(crowd.fullCensus()).isEqualTo(new Crowd.Census(250, 50, 250, 50, Map.of()));
      assertThat(crowd.census().isComplete()).isTrue();
    }
  }

  @Test
  void silentCrowdIsGreetedAndStands() throws Exception {
    try (var relay = relay(30);
        var crowd = Crowd.silent(relay.address(), 20)) {
      assertThat(crowd.await(LIMIT)).isTrue();
      assertThat(crowd.fullCensus()).isEqualTo(new Crowd.Census(20, 0, 20, 0, Map.of()));
      assertThat(Greeting.micros(relay.address())).isPresent();
    }
  }

  @Test
  void silentCrowdIsTurnedAwayWhereThereIsNoRoom() throws Exception {
    try (var relay = relay(0);
        var crowd = Crowd.silent(relay.address(), 20)) {
      assertThat(crowd.await(LIMIT)).isTrue();
      assertThat(crowd.fullCensus().idle()).isZero();
      assertThat(crowd.census().gone())
          .containsExactly(Map.entry("refused: 421 4.4.5 too many are here", 20));
      assertThat(Greeting.micros(relay.address())).isEmpty();
    }
  }

  @Test
  void whoIsTurnedAwayIsCountedWithTheServersWords() throws Exception {
    try (var relay = relay(40);
        var crowd = Crowd.gather(relay.address(), 50, 10, SELDOM)) {
      assertThat(crowd.await(LIMIT)).isTrue();
      var census = crowd.fullCensus();
      assertThat(census.isComplete()).isFalse();
      assertThat(census.gone().keySet()).containsExactly("refused: 421 4.4.5 too many are here");
      int gone = census.gone().values().iterator().next();
      assertThat(census.idle() + census.slow() + gone).isEqualTo(60);
      assertThat(gone).isGreaterThanOrEqualTo(20);
    }
  }

  @Test
  void whoIsClosedLaterIsMissedAlsoWhenItDoesNotListen() throws Exception {
    try (var relay = relay(Integer.MAX_VALUE);
        var crowd = Crowd.gather(relay.address(), 5, 10, SELDOM)) {
      assertThat(crowd.await(LIMIT)).isTrue();
      relay.dismiss();
      long deadline = System.nanoTime() + LIMIT.toNanos();
      while (crowd.fullCensus().idle() + crowd.census().slow() > 0) {
        assertThat(System.nanoTime()).isLessThan(deadline);
      }
      var gone = crowd.census().gone();
      assertThat(gone.values().stream().mapToInt(Integer::intValue).sum()).isEqualTo(15);
      // Some have commands under way when they are closed, which resets their connection.
      assertThat(gone).containsKey("closed: 421 4.4.2 that took too long");
      assertThat(gone.keySet()).allMatch(why -> why.startsWith("closed"));
    }
  }

  @Test
  void whereNobodyListensEverybodyIsRefused() throws Exception {
    InetSocketAddress nowhere;
    try (var relay = relay(1)) {
      nowhere = relay.address();
    }
    try (var crowd = Crowd.gather(nowhere, 3, 2, SELDOM)) {
      assertThat(crowd.await(LIMIT)).isTrue();
      assertThat(crowd.census().gone())
          .containsExactly(Map.entry("refused: Connection refused", 5));
    }
  }

  /** The peer answers each line and hears the end of the script and three octets more. */
  @ParameterizedTest
  @EnumSource(
      names = {"DEAF"},
      mode = EnumSource.Mode.EXCLUDE)
  void eachKindFollowsItsScriptAndThenItsOctets(CrowdKind kind) throws Exception {
    boolean trickles = kind.trickle != CrowdKind.Trickle.NONE;
    String last = kind.script.getLast().send();
    String line = last.isEmpty() ? kind.script.getFirst().send() : last;
    String end = line + (trickles ? "xxx" : "");
    try (var listener = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
        var selector = Selector.open()) {
      var member = CrowdMember.connect(kind, listener.getLocalSocketAddress(), selector);
      var peer = Thread.ofVirtual().start(() -> answerUntil(listener, end));
      var scratch = ByteBuffer.allocate(1_000);
      while (!member.isStanding()) {
        selector.select(key -> assertThat(ready(member, scratch)).isTrue(), LIMIT.toMillis());
      }
      for (int i = 0; trickles && i < 3; i++) {
        member.trickle();
      }
      assertThat(peer.join(LIMIT)).isTrue();
      member.reset();
    }
  }

  private static boolean ready(CrowdMember member, ByteBuffer scratch) {
    try {
      return member.ready(scratch);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static void answerUntil(ServerSocket listener, String end) {
    try (var socket = listener.accept()) {
      var heard = new StringBuilder();
      socket.getOutputStream().write("220-hear\r\n220 me\r\n".getBytes(StandardCharsets.US_ASCII));
      int line = 0;
      while (!heard.toString().endsWith(end)) {
        heard.append((char) socket.getInputStream().read());
        if (heard.charAt(heard.length() - 1) == '\n') {
          String reply = heard.substring(line).startsWith("DATA") ? "354 go on" : "250 well";
          socket.getOutputStream().write((reply + "\r\n").getBytes(StandardCharsets.US_ASCII));
          line = heard.length();
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Test
  void slowKindsAreMixedEvenly() {
    var kinds = List.of(CrowdKind.values());
    for (int i = 0; i < 50; i++) {
      assertThat(CrowdKind.slow(i)).isEqualTo(kinds.get(1 + i % 5));
    }
  }
}
