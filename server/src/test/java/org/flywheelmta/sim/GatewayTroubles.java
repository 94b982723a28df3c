package org.flywheelmta.sim;

import java.util.random.RandomGenerator;
import org.flywheelmta.base.SingleThreadSafe;

/**
 * A gateway that has every kind of trouble now and then, and certain ones when it is told to. A
 * choosy one refuses the recipients of {@link SimMail#isRefusedForGood} always, and those of {@link
 * SimMail#isPutOff} for as long as there is trouble.
 */
@SingleThreadSafe
final class GatewayTroubles implements SinkScript {
  private static final long SECOND = 1_000_000_000L;

  private final RandomGenerator random;
  private final SinkScript background;
  private final long untilNanos;
  private final boolean choosy;
  private int resetsOwed;
  private int silencesOwed;
  private int stallsOwed;

  /**
   * @param oneIn how rare trouble is, per stage
   * @param untilNanos when it ends, virtual time
   * @param choosy whether it refuses some recipients always and puts some off
   */
  GatewayTroubles(RandomGenerator random, int oneIn, long untilNanos, boolean choosy) {
    this.random = random;
    this.untilNanos = untilNanos;
    this.choosy = choosy;
    this.background = SinkScript.troubled(random, oneIn, untilNanos);
  }

  /** Resets the connection in the middle of the next message. */
  void oweReset() {
    resetsOwed++;
  }

  /** Never answers the end of the next message, which is taken on or not. */
  void oweSilence() {
    silencesOwed++;
  }

  /** Reads nothing for a while in the middle of the next message. */
  void oweStall() {
    stallsOwed++;
  }

  /** What was owed and did not come is not owed any more. */
  void heal() {
    resetsOwed = 0;
    silencesOwed = 0;
    stallsOwed = 0;
  }

  @Override
  public Act act(Stage stage, String argument, long nowNanos) {
    if (choosy && stage == Stage.RCPT && SimMail.isRefusedForGood(argument)) {
      return new Reply("550 5.1.1 nobody of that name");
    }
    if (choosy && stage == Stage.RCPT && nowNanos < untilNanos && SimMail.isPutOff(argument)) {
      return new Reply("452 4.2.2 mailbox full");
    }
    if (stage == Stage.BODY && resetsOwed > 0) {
      resetsOwed--;
      return new Reset();
    }
    if (stage == Stage.BODY && stallsOwed > 0) {
      stallsOwed--;
      return new Stall(random.nextLong(90 * SECOND));
    }
    if (stage == Stage.DOT && silencesOwed > 0) {
      silencesOwed--;
      return random.nextBoolean() ? new TakeAndVanish() : new Silence();
    }
    return background.act(stage, argument, nowNanos);
  }
}
