package org.flywheelmta.spool;

import org.flywheelmta.message.Fields;

/**
 * What the spool keeps of the outcome of one attempt for one recipient.
 *
 * @param kind whether the message is done or waits on
 * @param attempts attempts so far
 * @param dueMicros for {@link Kind#WAITING}, when it is due next: wall clock, microseconds since
 *     1970
 * @param wallMicros when the outcome came about
 * @param reply the last reply or reason, at most {@link #MAX_REPLY} characters
 * @param fields what else changed (an amendment: binding, route, headers); {@link Fields#NONE}
 *     mostly
 */
public record StoredOutcome(
    Kind kind, int attempts, long dueMicros, long wallMicros, String reply, Fields fields) {
  /** Longer replies are cut. */
  public static final int MAX_REPLY = 512;

  /** The same with what earlier outcomes changed and this one does not. */
  StoredOutcome amending(Fields earlier) {
    var merged = FieldsCodec.merge(earlier, fields);
    return new StoredOutcome(kind, attempts, dueMicros, wallMicros, reply, merged);
  }

  /** The numbers stand in the spool. */
  public enum Kind {
    DELIVERED(1),
    FAILED(2),
    EXPIRED(3),
    WAITING(4),
    /** Blackholed or removed by an operator. */
    DISCARDED(5);

    private final int code;

    Kind(int code) {
      this.code = code;
    }

    /** The number in the spool, 1 to 255. */
    public int code() {
      return code;
    }

    /** True when nothing more will be tried for this recipient. */
    public boolean isFinal() {
      return this != WAITING;
    }
  }
}
