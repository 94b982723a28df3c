package org.flywheelmta.bounce;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.flywheelmta.bounce.BouncePolicy.Quoting;
import org.flywheelmta.domain.Bounces.Action;
import org.flywheelmta.message.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Who is told of what. */
class OwedTest {
  private final BounceStage stage = new BounceStage();

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          -                     | true  | false | true
          NEVER                 | false | false | false
          FAILURE               | true  | false | false
          success               | false | true  | false
          DELAY                 | false | false | true
          SUCCESS,Failure,DELAY | true  | true  | true
          """)
  void senderSaysOfWhat(String notify, boolean failed, boolean relayed, boolean delayed) {
    stage.policy = BounceStage.policy(Quoting.NONE, 0, 1);
    if (!notify.equals("-")) {
      stage.fields = stage.with(stage.fields, Tag.DSN_NOTIFY, notify);
    }
    assertThat(stage.owes(Action.FAILED)).isEqualTo(failed);
    assertThat(stage.owes(Action.RELAYED)).isEqualTo(relayed);
    assertThat(stage.owes(Action.DELAYED)).isEqualTo(delayed);
  }

  @Test
  void nullSenderIsToldNothing() {
    stage.policy = BounceStage.policy(Quoting.NONE, 0, 1);
    stage.sender = "";
    stage.fields = stage.with(stage.fields, Tag.DSN_NOTIFY, "SUCCESS,FAILURE,DELAY");
    for (var action : Action.values()) {
      assertThat(stage.owes(action)).as("%s", action).isFalse();
    }
  }

  @Test
  void nobodyIsToldWhereNothingIsGenerated() {
    stage.policy = new BouncePolicy(false, "a@b.test", Quoting.NONE, 0, 1);
    stage.fields = stage.with(stage.fields, Tag.DSN_NOTIFY, "SUCCESS,FAILURE,DELAY");
    for (var action : Action.values()) {
      assertThat(stage.owes(action)).as("%s", action).isFalse();
    }
  }

  @Test
  void delayIsToldOnceAndNotBeforeItsTime() {
    // The mail of the stage is 1001 seconds old.
    stage.policy = BounceStage.policy(Quoting.NONE, 0, Duration.ofSeconds(1001).toNanos());
    assertThat(stage.owes(Action.DELAYED)).isTrue();
    stage.policy = BounceStage.policy(Quoting.NONE, 0, Duration.ofSeconds(1002).toNanos());
    assertThat(stage.owes(Action.DELAYED)).isFalse();
    stage.policy = BounceStage.policy(Quoting.NONE, 0, 0);
    assertThat(stage.owes(Action.DELAYED)).as("never").isFalse();
    stage.policy = BounceStage.policy(Quoting.NONE, 0, 1);
    stage.fields = stage.fields.with(Tag.DELAY_TOLD, new byte[0]);
    assertThat(stage.owes(Action.DELAYED)).as("told before").isFalse();
  }
}
