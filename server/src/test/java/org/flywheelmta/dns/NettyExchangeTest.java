package org.flywheelmta.dns;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.function.Function;
import java.util.function.UnaryOperator;
import org.flywheelmta.dns.ScriptedServer.Script;
import org.flywheelmta.scheduler.IoEngine;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.MethodSource;

/** What is on the wire, and what a server may do to it, with every I/O engine. */
@Timeout(60)
@Tag("sockets")
@ParameterizedClass
@MethodSource("org.flywheelmta.scheduler.Engines#underTest")
final class NettyExchangeTest {
  private static final long LONG_NANOS = 20_000_000_000L;
  private static final long SHORT_NANOS = 300_000_000L;
  private static final Question QUESTION = new Question("a.test", RecordType.A);
  private static final byte[] ADDRESS = {(byte) 192, 0, 2, 1};
  private static final int A = 1;
  private static final int NS = 2;

  private static final Reply MALFORMED = new Reply.Trouble("the answer is malformed");
  private static final Reply CUT = new Reply.Trouble("the answer was cut off");
  private static final Reply SILENCE = new Reply.Silence("the server did not answer in time");

  private final IoEngine engine;

  NettyExchangeTest(IoEngine engine) {
    this.engine = engine;
  }

  private static byte[] good(byte[] query) {
    return WireMessage.answering(query, WireMessage.NOERROR)
        .record(1, WireMessage.pointer(), A, 100, ADDRESS)
        .octets();
  }

  private static byte[] truncated(byte[] query) {
    // Cut in the middle of a record, as some servers do.
    var whole =
        WireMessage.answering(query, WireMessage.TRUNCATED)
            .record(1, WireMessage.pointer(), A, 100, ADDRESS)
            .record(1, WireMessage.pointer(), A, 100, ADDRESS)
            .octets();
    return Arrays.copyOf(whole, whole.length - 7);
  }

  private static Script answering(UnaryOperator<byte[]> answer) {
    return (query, sender) -> sender.send(query.port(), answer.apply(query.octets()));
  }

  private static final Script SILENT = (query, sender) -> {};

  private static Reply found() throws Exception {
    return new Reply.Told(
        true,
        List.of(
            new Reply.Said("a.test", 100, new Rdata.Address(InetAddress.getByAddress(ADDRESS)))),
        Reply.NO_SOA);
  }

  /** The reply to one query, when a server has no TCP. */
  private Reply ask(long timeoutNanos, Script script) throws Exception {
    try (var server = ScriptedServer.withoutTcp(script);
        var stage = new ExchangeStage(engine, timeoutNanos)) {
      return stage.ask(server.address(), QUESTION);
    }
  }

  /** The reply to one query whose answer is truncated. */
  private Reply askAgain(long timeoutNanos, Function<byte[], byte @Nullable []> byTcp)
      throws Exception {
    try (var server = ScriptedServer.withTcp(answering(NettyExchangeTest::truncated), byTcp);
        var stage = new ExchangeStage(engine, timeoutNanos)) {
      return stage.ask(server.address(), QUESTION);
    }
  }

  @Test
  void queryAsksForRecursionAndSaysHowMuchFits() throws Exception {
    try (var server = ScriptedServer.withoutTcp(answering(NettyExchangeTest::good));
        var stage = new ExchangeStage(engine, LONG_NANOS)) {
      assertThat(stage.ask(server.address(), QUESTION)).isEqualTo(found());
      var query = server.queries.getFirst().octets();
      assertThat(Arrays.copyOfRange(query, 2, 12)).containsExactly(1, 0, 0, 1, 0, 0, 0, 0, 0, 1);
      assertThat(Arrays.copyOfRange(query, query.length - 11, query.length))
          .containsExactly(0, 0, 41, 1232 >> 8, 1232 & 0xff, 0, 0, 0, 0, 0, 0);
    }
  }

  @Test
  void everyQueryHasAPortAndAnIdOfItsOwn() throws Exception {
    try (var server = ScriptedServer.withoutTcp(answering(NettyExchangeTest::good));
        var stage = new ExchangeStage(engine, LONG_NANOS)) {
      var questions = new ArrayList<Question>();
      for (int i = 0; i < 50; i++) {
        questions.add(QUESTION);
      }
      assertThat(stage.ask(server.address(), questions)).containsOnly(found());
      var ports = new HashSet<Integer>();
      var ids = new HashSet<Integer>();
      int neighbours = 0;
      for (int i = 0; i < server.queries.size(); i++) {
        var query = server.queries.get(i);
        ports.add(query.port());
        ids.add(query.id());
        neighbours +=
            i > 0 && Math.abs(query.port() - server.queries.get(i - 1).port()) <= 2 ? 1 : 0;
      }
      assertThat(ports).hasSizeGreaterThan(45);
      assertThat(ids).hasSize(50);
      assertThat(neighbours).as("ports that follow from the one before").isLessThan(10);
    }
  }

  @Test
  void answerWithAnotherIdIsPassedOver() throws Exception {
    Script script =
        (query, sender) -> {
          var spoofed = good(query.octets());
          spoofed[0] ^= 1;
          spoofed[spoofed.length - 1] = 66;
          sender.send(query.port(), spoofed);
          sender.send(query.port(), good(query.octets()));
        };
    assertThat(ask(LONG_NANOS, script)).isEqualTo(found());
  }

  @Test
  void answerThatComesToThePortOfAnotherQueryIsPassedOver() throws Exception {
    var waiting = new ArrayList<ScriptedServer.Query>();
    Script crossed =
        (query, sender) -> {
          waiting.add(query);
          if (waiting.size() == 2) {
            sender.send(waiting.get(0).port(), good(waiting.get(1).octets()));
            sender.send(waiting.get(1).port(), good(waiting.get(0).octets()));
          }
        };
    try (var server = ScriptedServer.withoutTcp(crossed);
        var stage = new ExchangeStage(engine, SHORT_NANOS)) {
      assertThat(stage.ask(server.address(), List.of(QUESTION, QUESTION))).containsOnly(SILENCE);
    }
  }

  @Test
  void answerToAnotherQuestionIsNone() throws Exception {
    assertThat(
            ask(
                SHORT_NANOS,
                answering(
                    query -> {
                      var other = query.clone();
                      other[13] = 'b';
                      return good(other);
                    })))
        .isEqualTo(SILENCE);
  }

  @Test
  void codesOfServersAreTrouble() throws Exception {
    assertThat(
            ask(
                LONG_NANOS,
                answering(q -> WireMessage.answering(q, WireMessage.SERVFAIL).octets())))
        .isEqualTo(new Reply.Trouble("the server answers SERVFAIL"));
    assertThat(
            ask(LONG_NANOS, answering(q -> WireMessage.answering(q, WireMessage.REFUSED).octets())))
        .isEqualTo(new Reply.Trouble("the server answers REFUSED"));
  }

  @Test
  void serverThatOnlyRefersToOthersIsTrouble() throws Exception {
    assertThat(
            ask(
                LONG_NANOS,
                answering(
                    q ->
                        WireMessage.answering(q, WireMessage.NOERROR)
                            .record(2, WireMessage.name("test"), NS, 9, WireMessage.name("ns.test"))
                            .octets())))
        .isEqualTo(new Reply.Trouble("the server only refers to others"));
  }

  @Test
  void malformedAnswerIsTroubleAtOnce() throws Exception {
    assertThat(ask(LONG_NANOS, answering(q -> Arrays.copyOf(good(q), good(q).length - 1))))
        .isEqualTo(MALFORMED);
    assertThat(
            ask(
                LONG_NANOS,
                answering(
                    q ->
                        WireMessage.answering(q, WireMessage.NOERROR)
                            .record(1, WireMessage.pointer(), A, 100, new byte[5])
                            .octets())))
        .isEqualTo(MALFORMED);
    assertThat(ask(LONG_NANOS, answering(q -> Arrays.copyOf(good(q), 3)))).isEqualTo(MALFORMED);
  }

  @Test
  void silentServerIsGivenUpInTime() throws Exception {
    assertThat(ask(SHORT_NANOS, SILENT)).isEqualTo(SILENCE);
  }

  @Test
  void truncatedAnswerComesByTcp() throws Exception {
    assertThat(askAgain(LONG_NANOS, NettyExchangeTest::good)).isEqualTo(found());
  }

  @Test
  void truncatedAnswerWithoutTcpIsTrouble() throws Exception {
    assertThat(ask(LONG_NANOS, answering(NettyExchangeTest::truncated))).isEqualTo(CUT);
    assertThat(askAgain(LONG_NANOS, q -> new byte[0])).isEqualTo(CUT);
    assertThat(askAgain(LONG_NANOS, q -> new byte[] {q[0], q[1], 0})).isEqualTo(CUT);
  }

  @Test
  void silenceOverTcpEndsInTime() throws Exception {
    assertThat(askAgain(SHORT_NANOS, q -> null)).isEqualTo(SILENCE);
  }

  @Test
  void closeEndsEverythingThatIsUnderWay() throws Exception {
    try (var silent = ScriptedServer.withoutTcp(SILENT);
        var halfSilent =
            ScriptedServer.withTcp(answering(NettyExchangeTest::truncated), q -> null);
        var stage = new ExchangeStage(engine, LONG_NANOS)) {
      var replies =
          new ArrayList<>(stage.send(silent.address(), List.of(QUESTION, QUESTION, QUESTION)));
      replies.addAll(stage.send(halfSilent.address(), List.of(QUESTION, QUESTION)));
      long deadline = System.nanoTime() + LONG_NANOS;
      while (silent.queries.size() < 3 || halfSilent.queries.size() < 2) {
        assertThat(System.nanoTime()).isLessThan(deadline);
        Thread.onSpinWait();
      }
      assertThat(stage.closeExchange()).isZero();
      assertThat(replies).noneMatch(reply -> reply.isDone());
    }
  }
}
