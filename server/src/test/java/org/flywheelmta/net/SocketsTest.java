package org.flywheelmta.net;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.netty.buffer.ByteBuf;
import java.io.InputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.zip.CRC32C;
import org.flywheelmta.net.SocketsStage.Session;
import org.flywheelmta.scheduler.IoEngine;
import org.flywheelmta.scheduler.Scheduler;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.MethodSource;

/** What connections and listeners rely on holds with every I/O engine, against plain sockets. */
@Timeout(60)
@Tag("sockets")
@ParameterizedClass
@MethodSource("org.flywheelmta.scheduler.Engines#underTest")
final class SocketsTest {
  private static final int READ_LIMIT_MILLIS = 20_000;
  private static final int LARGEST_READ = 64 * 1024;
  private static final int MEGABYTE = 1 << 20;

  private final IoEngine engine;

  SocketsTest(IoEngine engine) {
    this.engine = engine;
  }

  private static Socket dial(InetSocketAddress address) throws Exception {
    var socket = new Socket();
    socket.setSoTimeout(READ_LIMIT_MILLIS);
    socket.connect(address, READ_LIMIT_MILLIS);
    return socket;
  }

  private static void echo(Session session, ByteBuf input) {
    session.connection.write(input.readRetainedSlice(input.readableBytes()));
  }

  private static void keep(Session session, ByteBuf input) {
    session.connection.suspend();
  }

  private static byte[] ascii(String text) {
    return text.getBytes(StandardCharsets.US_ASCII);
  }

  private static String read(InputStream input, int length) throws Exception {
    return new String(input.readNBytes(length), StandardCharsets.US_ASCII);
  }

  @Test
  void connectionAcceptedOnTheMasterLivesOnASchedulerOfThePool() throws Exception {
    try (var stage = new SocketsStage(engine, 0, 100)) {
      var address = stage.bind();
      stage.open(SocketsTest::echo);
      var schedulers = new HashSet<Scheduler>();
      for (int i = 0; i < 10; i++) {
        Session session;
        try (var socket = dial(address)) {
          socket.getOutputStream().write(ascii("hello"));
          assertThat(read(socket.getInputStream(), 5)).isEqualTo("hello");
          session = stage.accepted();
          var ends = new CompletableFuture<String>();
          var connection = session.connection;
          session.scheduler.post(() -> ends.complete(connection.peer() + " " + connection.local()));
          assertThat(ends.get(20, TimeUnit.SECONDS))
              .isEqualTo(socket.getLocalSocketAddress() + " " + address);
        }
        assertThat(session.ending()).isEqualTo("null");
        schedulers.add(session.scheduler);
      }
      assertThat(schedulers).containsExactlyInAnyOrderElementsOf(stage.pool);
    }
  }

  @Test
  void lastWordsReachAPeerThatIsStillSending() throws Exception {
    try (var stage = new SocketsStage(engine, 0, 100)) {
      var address = stage.bind();
      var goodbye = "221 ".repeat(50_000);
      stage.open(
          (session, input) -> {
            session.connection.write(
                session.connection.allocator().buffer().writeBytes(ascii(goodbye)));
            session.connection.close();
          });
      try (var socket = dial(address)) {
        socket.getOutputStream().write(new byte[MEGABYTE]);
        assertThat(read(socket.getInputStream(), goodbye.length()).equals(goodbye)).isTrue();
        assertThat(socket.getInputStream().read()).as("the end of its output").isEqualTo(-1);
        // The other half is open still, as a peer that goes on sending needs it.
        socket.getOutputStream().write(new byte[MEGABYTE]);
      }
      assertThat(stage.accepted().ending()).isEqualTo("null");
    }
  }

  @Test
  void peerThatClosesItsHalfEndsTheConnection() throws Exception {
    try (var stage = new SocketsStage(engine, 0, 100)) {
      var address = stage.bind();
      stage.open(SocketsTest::echo);
      try (var socket = dial(address)) {
        socket.getOutputStream().write(ascii("x"));
        assertThat(read(socket.getInputStream(), 1)).isEqualTo("x");
        socket.shutdownOutput();
        assertThat(stage.accepted().ending()).isEqualTo("null");
        assertThat(socket.getInputStream().read()).isEqualTo(-1);
      }
    }
  }

  @Test
  void peerThatClosesWhileSuspendedIsNoticed() throws Exception {
    try (var stage = new SocketsStage(engine, 0, 100)) {
      var address = stage.bind();
      stage.open(SocketsTest::keep);
      var socket = dial(address);
      socket.getOutputStream().write(ascii("unanswered"));
      var session = stage.accepted();
      socket.close();
      assertThat(session.ending()).isEqualTo("null");
    }
  }

  @Test
  void resetIsAFailureOrAnEndAndIsToldOnce() throws Exception {
    try (var stage = new SocketsStage(engine, 0, 100)) {
      var address = stage.bind();
      stage.open(SocketsTest::echo);
      var socket = dial(address);
      socket.getOutputStream().write(ascii("x"));
      assertThat(read(socket.getInputStream(), 1)).isEqualTo("x");
      socket.setSoLinger(true, 0);
      socket.close();
      assertThat(stage.accepted().ending()).isNotNull();
    }
  }

  @Test
  void pausedReadingBoundsWhatIsKeptAndLosesNothing() throws Exception {
    try (var stage = new SocketsStage(engine, 0, 100)) {
      var address = stage.bind();
      int length = 4 * MEGABYTE;
      var sum = new CRC32C();
      var largest = new AtomicInteger();
      var left = new AtomicInteger(length);
      var all = new CompletableFuture<Long>();
      stage.open(
          (session, input) -> {
            largest.accumulateAndGet(input.readableBytes(), Math::max);
            // Suspended after each kilobyte, so that reading pauses and goes on all the time.
            int part = Math.min(1_000, input.readableBytes());
            sum.update(input.nioBuffer(input.readerIndex(), part));
            input.skipBytes(part);
            if (left.addAndGet(-part) == 0) {
              all.complete(sum.getValue());
              session.connection.write(session.connection.allocator().buffer(1).writeByte('k'));
              session.connection.flush();
            } else {
              session.connection.suspend();
              session.scheduler.post(session.connection::resume);
            }
          });
      try (var socket = dial(address)) {
        var sent = new byte[length];
        new java.util.SplittableRandom(1).nextBytes(sent);
        var expected = new CRC32C();
        expected.update(sent);
        socket.getOutputStream().write(sent);
        assertThat(all.get(30, TimeUnit.SECONDS)).isEqualTo(expected.getValue());
        assertThat(read(socket.getInputStream(), 1)).isEqualTo("k");
      }
      assertThat(stage.accepted().ending()).isEqualTo("null");
      assertThat(largest.get()).isLessThanOrEqualTo(SocketsStage.INPUT_LIMIT + LARGEST_READ);
    }
  }

  @Test
  void listenerThatIsNotOpenQueuesItsBacklogAndMakesFurtherOnesWait() throws Exception {
    try (var stage = new SocketsStage(engine, 0, 1)) {
      var address = stage.bind();
      // Linux queues one more than it was asked to.
      var queued = new ArrayList<Socket>();
      for (int i = 0; i < 2; i++) {
        queued.add(dial(address));
      }
      var late = stage.connect(address, 100_000_000L, SocketsTest::keep);
      assertThat(late.ending()).contains("ConnectTimeoutException");
      stage.open(SocketsTest::echo);
      for (var socket : queued) {
        socket.getOutputStream().write(ascii("x"));
        assertThat(read(socket.getInputStream(), 1)).isEqualTo("x");
        socket.close();
      }
      for (int i = 0; i < queued.size(); i++) {
        assertThat(stage.accepted().ending()).isEqualTo("null");
      }
    }
  }

  @Test
  void portInUseIsSaidInTheWordsOfTheSystem() throws Exception {
    try (var stage = new SocketsStage(engine, 0, 100)) {
      int port = stage.bind().getPort();
      try (var second = new SocketsStage(engine, port, 100)) {
        assertThatThrownBy(second::bind).hasMessageContaining("in use");
      }
    }
  }

  @Test
  void stopWithOpenConnectionsClosesThem() throws Exception {
    Socket reading;
    Socket suspended;
    var sessions = new ArrayList<Session>();
    var waits = new CompletableFuture<Boolean>();
    try (var stage = new SocketsStage(engine, 0, 100)) {
      var address = stage.bind();
      stage.open(
          (session, input) -> {
            if (input.getByte(input.readerIndex()) == 's') {
              keep(session, input);
              waits.complete(true);
            } else {
              echo(session, input);
            }
          });
      reading = dial(address);
      reading.getOutputStream().write(ascii("x"));
      assertThat(read(reading.getInputStream(), 1)).isEqualTo("x");
      suspended = dial(address);
      suspended.getOutputStream().write(ascii("s"));
      sessions.add(stage.accepted());
      sessions.add(stage.accepted());
      assertThat(waits.get(20, TimeUnit.SECONDS)).isTrue();
    }
    for (var session : sessions) {
      assertThat(session.ending()).isEqualTo("null");
    }
    try (reading) {
      assertThat(reading.getInputStream().read()).isEqualTo(-1);
    }
    suspended.close();
  }
}
