package org.flywheelmta.domain;

import java.util.Arrays;
import org.flywheelmta.message.Message;
import org.flywheelmta.message.Tag;

/** Which messages may travel in one transaction. */
final class Siblings {
  private Siblings() {}

  /** True for recipients of one transaction whose headers are the same too. */
  static boolean travelTogether(Message one, Message other) {
    var first = one.transaction();
    var second = other.transaction();
    return (first == second || first.id().equals(second.id()))
        && Arrays.equals(one.fields().value(Tag.OVERLAY), other.fields().value(Tag.OVERLAY));
  }
}
