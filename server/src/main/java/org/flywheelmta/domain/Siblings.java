package org.flywheelmta.domain;

import java.util.Arrays;
import org.flywheelmta.message.Tag;

/** Which messages may travel in one transaction. */
final class Siblings {
  private Siblings() {}

  /**
   * True for recipients of one transaction that are in memory and have the same headers, and for
   * stubs, whose headers are not known yet.
   */
  static boolean travelTogether(Waiting one, Waiting other) {
    return one.isSibling(other)
        && one.isStub() == other.isStub()
        && (one.isStub() || haveEqualHeaders(one, other));
  }

  /** True for recipients of one transaction, in memory, whose headers are the same. */
  static boolean haveEqualHeaders(Waiting one, Waiting other) {
    var first = one.message().fields().value(Tag.OVERLAY);
    return Arrays.equals(first, other.message().fields().value(Tag.OVERLAY));
  }
}
