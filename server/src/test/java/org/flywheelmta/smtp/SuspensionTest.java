package org.flywheelmta.smtp;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Sessions that wait for a decision, at each point where one is asked for. */
final class SuspensionTest {
  /** What a whole session is answered. */
  private static final List<String> ALL =
      List.of("220", "250", "250 2.1.0", "250 2.1.5", "354", "250 2.0.0", "250 2.0.0", "221 2.0.0");

  private static final String WHOLE = SmtpStage.ENVELOPE + "DATA\r\nhello\r\n.\r\nNOOP\r\nQUIT\r\n";

  private final Deciding deciding = new Deciding();

  private SmtpStage stage(Deciding.Point point) {
    return SmtpStage.plan().hook(point.hook, deciding).start();
  }

  @ParameterizedTest
  @EnumSource
  void inputWaitsForTheAnswer(Deciding.Point point) {
    var stage = stage(point);
    var caller = stage.call(WHOLE);
    assertThat(deciding.asked).hasSize(1);
    assertThat(caller.codes()).isEqualTo(ALL.subList(0, point.answers));

    // No time of the client's runs out meanwhile.
    stage.world.run(3_600 * SmtpStage.SECOND);
    assertThat(caller.closed()).isFalse();

    deciding.asked.getFirst().post(Deciding.ACCEPT);
    stage.moment();
    assertThat(caller.codes()).isEqualTo(ALL);
    assertThat(caller.closed()).isTrue();
    assertThat(stage.spool.kept).hasSize(1);
    stage.checkNothingIsLeft();
  }

  @ParameterizedTest
  @EnumSource
  void inputInTinyPiecesWaitsToo(Deciding.Point point) {
    var stage = stage(point);
    stage.cut(3);
    var caller = stage.call(WHOLE);
    deciding.asked.getFirst().post(Deciding.ACCEPT);
    stage.moment();
    assertThat(caller.codes()).isEqualTo(ALL);
    stage.checkNothingIsLeft();
  }

  @ParameterizedTest
  @EnumSource
  void anAnswerWithinTheCallGoesOnAtOnce(Deciding.Point point) {
    var stage =
        SmtpStage.plan().hook(point.hook, (_, answer) -> answer.resolve(Deciding.ACCEPT)).start();
    var caller = stage.call(WHOLE);
    assertThat(caller.codes()).isEqualTo(ALL);
    stage.checkNothingIsLeft();
  }

  @ParameterizedTest
  @EnumSource
  void aSecondAnswerIsIgnored(Deciding.Point point) {
    var stage = stage(point);
    var caller = stage.call(point.said);
    deciding.asked.getFirst().post(Deciding.ACCEPT);
    deciding.asked.getFirst().post(Deciding.CLOSE);
    stage.moment();
    deciding.asked.getFirst().post(Deciding.REFUSE);
    stage.moment();
    assertThat(caller.codes()).isEqualTo(ALL.subList(0, point.answers + 1));
    assertThat(caller.closed()).isFalse();
    stage.checkNothingIsLeft();
  }

  @ParameterizedTest
  @EnumSource
  void anAnswerAfterADisconnectIsIgnored(Deciding.Point point) {
    var stage = stage(point);
    var caller = stage.call(point.said);
    caller.hangUp();
    stage.moment();
    assertThat(stage.listener.connections()).isZero();
    deciding.asked.getFirst().post(Deciding.ACCEPT);
    stage.moment();
    assertThat(stage.spool.kept).isEmpty();
    stage.checkNothingIsLeft();
  }

  @ParameterizedTest
  @EnumSource
  void refusalIsAnsweredAndTheSessionGoesOn(Deciding.Point point) {
    var stage = stage(point);
    var caller = stage.call(point.said);
    deciding.asked.getFirst().post(Deciding.REFUSE);
    stage.moment();
    assertThat(caller.codes(point.answers)).containsExactly("550 5.7.1");
    assertThat(stage.spool.kept).isEmpty();
    if (point == Deciding.Point.CONNECT) {
      assertThat(caller.closed()).isTrue();
    } else {
      assertThat(stage.say(caller, "NOOP\r\n")).containsExactly("250 2.0.0");
    }
    stage.checkNothingIsLeft();
  }

  @ParameterizedTest
  @EnumSource
  void refusalWith421Closes(Deciding.Point point) {
    var stage = stage(point);
    var caller = stage.call(point.said + "NOOP\r\n");
    deciding.asked.getFirst().post(Deciding.CLOSE);
    stage.moment();
    assertThat(caller.codes(point.answers)).containsExactly("421 4.7.0");
    assertThat(caller.closed()).isTrue();
    stage.checkNothingIsLeft();
  }

  @ParameterizedTest
  @EnumSource
  void aProviderThatThrowsIsATemporaryFailure(Deciding.Point point) {
    var stage =
        SmtpStage.plan()
            .hook(
                point.hook,
                (_, _) -> {
                  throw new IllegalStateException("broken");
                })
            .start();
    var caller = stage.call(point.said);
    assertThat(caller.codes(point.answers)).containsExactly("451 4.3.0");
    stage.checkNothingIsLeft();
  }

  @ParameterizedTest
  @EnumSource
  void aStopWaitsForTheAnswerAndThenCloses(Deciding.Point point) {
    var stage = stage(point);
    var caller = stage.call(point.said);
    var stopped = new ArrayList<String>();
    stage.room.stop(stage.pool, () -> stopped.add("stopped"));
    stage.moment();
    assertThat(stopped).isEmpty();
    deciding.asked.getFirst().post(Deciding.ACCEPT);
    stage.moment();
    assertThat(caller.codes()).endsWith("421 4.3.2");
    assertThat(stopped).containsExactly("stopped");
    stage.checkNothingIsLeft();
  }

  @Test
  void aStopSaysGoodbyeToEverySession() {
    var stage = SmtpStage.plan().schedulers(3).start();
    var callers = new ArrayList<Caller>();
    for (int i = 0; i < 7; i++) {
      callers.add(stage.call(SmtpStage.ENVELOPE + (i % 2 == 0 ? "" : "DATA\r\nhel")));
    }
    var stopped = new ArrayList<String>();
    // One leaves by itself at the same moment.
    callers.getFirst().hangUp();
    stage.room.stop(stage.pool, () -> stopped.add("stopped"));
    stage.moment();
    assertThat(stopped).containsExactly("stopped");
    for (var caller : callers.subList(1, callers.size())) {
      assertThat(caller.codes()).endsWith("421 4.3.2");
      assertThat(caller.closed()).isTrue();
    }
    stage.checkNothingIsLeft();
  }

  @Test
  void aStopWithoutSessionsOrSchedulersEndsAtOnce() {
    var stage = SmtpStage.plan().schedulers(2).start();
    var stopped = new ArrayList<String>();
    stage.room.stop(List.of(), () -> stopped.add("none"));
    stage.room.stop(stage.pool, () -> stopped.add("idle"));
    stage.moment();
    assertThat(stopped).containsExactly("none", "idle");
    stage.checkNothingIsLeft();
  }
}
