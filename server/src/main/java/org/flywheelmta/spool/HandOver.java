package org.flywheelmta.spool;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.flywheelmta.base.NonThreadSafe;
import org.flywheelmta.base.OperatorLog;
import org.flywheelmta.disk.DiskFailure;
import org.flywheelmta.message.Stub;
import org.jspecify.annotations.Nullable;

/** Makes stubs of what recovery found waiting, segment by segment, from the facts alone. */
@NonThreadSafe
final class HandOver implements AutoCloseable {
  // Names of domains are kept while they are few, so that stubs of one domain share its name.
  private static final int MOST_NAMES = 16 * 1024;

  private final RecoveryScan scan;
  private final WaitingList waiting;
  private final OperatorLog log;
  private final Map<String, String> names = new HashMap<>();
  private @Nullable Segment segment;
  private @Nullable SegmentFacts read;
  private @Nullable Facts facts;
  private FactCodec.@Nullable Recipients recipients;
  private int factAt = -1;

  HandOver(RecoveryScan scan, WaitingList waiting, OperatorLog log) {
    this.scan = scan;
    this.waiting = waiting;
    this.log = log;
  }

  /** The next stubs; none at the end. */
  List<Stub> next(int most) {
    var stubs = new ArrayList<Stub>(most);
    while (stubs.size() < most && waiting.next()) {
      var stub = stub();
      if (stub != null) {
        stubs.add(stub);
      }
    }
    return stubs;
  }

  private @Nullable Stub stub() {
    if (waiting.segment() != segment) {
      open(waiting.segment());
    }
    var view = facts;
    if (view == null) {
      return null;
    }
    var known = recipients;
    if (known == null || waiting.factAt() != factAt) {
      factAt = waiting.factAt();
      view.moveTo(factAt);
      known = new FactCodec.Recipients(view.id(), view.body(), this::shared);
      recipients = known;
    }
    return known.stub(waiting.recipient(), waiting.attempts(), waiting.dueMicros());
  }

  private String shared(String name) {
    if (names.size() >= MOST_NAMES) {
      names.clear();
    }
    var known = names.putIfAbsent(name, name);
    return known == null ? name : known;
  }

  private void open(Segment next) {
    close();
    segment = next;
    try {
      var again = scan.factsAgain(next);
      read = again;
      facts = new Facts(again.facts());
    } catch (DiskFailure failure) {
      log.error(
          "What waits in "
              + next.path
              + " waits until the next start, since it cannot be read: "
              + failure.getMessage());
    }
  }

  @Override
  public void close() {
    if (read != null) {
      read.facts().release();
    }
    read = null;
    facts = null;
    recipients = null;
    factAt = -1;
    segment = null;
  }
}
