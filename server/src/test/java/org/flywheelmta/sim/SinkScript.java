package org.flywheelmta.sim;

import java.util.random.RandomGenerator;
import org.flywheelmta.base.SingleThreadSafe;

/** What a scripted gateway does at each stage of its sessions. */
@SingleThreadSafe
@FunctionalInterface
public interface SinkScript {
  /** Where a session is. */
  enum Stage {
    CONNECT,
    EHLO,
    MAIL,
    RCPT,
    DATA,
    /** The first line of a message has arrived: only Reset and Stall count here. */
    BODY,
    /** The end of data has arrived. */
    DOT,
    QUIT
  }

  /** What the gateway does. */
  sealed interface Act {}

  /** Replies as a gateway does that is well. */
  record Accept() implements Act {}

  /**
   * Replies so, without end of line; nothing is taken on, and a permanent reply to RCPT or DOT is
   * remembered as the recipient's fate.
   */
  record Reply(String text) implements Act {}

  /** Never replies again in this session, and takes nothing on. */
  record Silence() implements Act {}

  /** Resets the connection. */
  record Reset() implements Act {}

  /** At the end of data: takes the message on and then never says so. */
  record TakeAndVanish() implements Act {}

  /** In the body: reads nothing for a while, so that the sender's window fills. */
  record Stall(long delayNanos) implements Act {}

  /** Waits, then does {@code act}. */
  record Slow(long delayNanos, Act act) implements Act {}

  /** Chosen for each stage of each session, in order. */
  Act act(Stage stage, String argument, long nowNanos);

  /** A gateway that is always well. */
  static SinkScript well() {
    return (stage, argument, nowNanos) -> new Accept();
  }

  /**
   * A gateway that has every kind of trouble until {@code untilNanos} of virtual time, and is well
   * from then on.
   *
   * @param troubleOneIn how rare trouble is, per stage
   */
  static SinkScript troubled(RandomGenerator random, int troubleOneIn, long untilNanos) {
    return (stage, argument, nowNanos) -> {
      if (nowNanos >= untilNanos || random.nextInt(troubleOneIn) != 0) {
        return new Accept();
      }
      if (stage == Stage.BODY) {
        return random.nextBoolean() ? new Reset() : new Stall(random.nextLong(30_000_000_000L));
      }
      return switch (random.nextInt(stage == Stage.DOT ? 7 : 5)) {
        case 0 -> new Reply("421 4.3.2 closing");
        case 1 -> new Reply("451 4.3.0 try later");
        case 2 -> new Reset();
        case 3 -> new Slow(random.nextLong(20_000_000_000L), new Accept());
        case 4 -> stage == Stage.RCPT ? new Reply("550 5.1.1 unknown") : new Silence();
        case 5 -> new TakeAndVanish();
        default -> new Slow(random.nextLong(2_000_000_000L), new TakeAndVanish());
      };
    };
  }
}
