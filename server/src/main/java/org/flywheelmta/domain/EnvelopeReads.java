package org.flywheelmta.domain;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import org.flywheelmta.base.NonThreadSafe;
import org.flywheelmta.base.TransactionId;
import org.flywheelmta.message.ContentStore;
import org.flywheelmta.message.ContentStore.EnvelopeRead;
import org.flywheelmta.message.ContentStore.EnvelopeRead.Unavailable;
import org.flywheelmta.message.ContentStore.EnvelopeRead.Whole;

/**
 * Has envelopes of stubs read back for whoever settles messages without their content, on one
 * scheduler. A read is of up to {@link ContentStore#MOST_ENVELOPES} stubs of one asker, and {@link
 * #MOST_AT_ONCE} are under way; askers take turns. The stubs stay where they are meanwhile, and
 * become messages without content there; who has left is passed over.
 */
@NonThreadSafe
final class EnvelopeReads {
  /** How many reads may be under way. */
  static final int MOST_AT_ONCE = 2;

  /** Who needs envelopes: a part of a domain record, or of its table. */
  abstract static class Asker {
    private boolean inLine;
    private int underWay;

    /** True when it is in line, or an answer for it is under way. */
    final boolean isAsking() {
      return inLine || underWay > 0;
    }

    /** Adds stubs that are not being read, at most {@code most}. */
    abstract void collect(List<Waiting> into, int most);

    /** Whether a stub is where it was when it was collected. */
    abstract boolean has(Waiting waiting);

    /** Its envelope cannot be read now: others go first. */
    abstract void putLast(Waiting waiting);

    /** It is damaged, and ends; false when that cannot be written down now. */
    abstract boolean lose(Waiting waiting, String reason);

    /**
     * A read is over, and what it brought is in memory.
     *
     * @param again whether some are to be asked for again, later
     */
    abstract void onRead(boolean again);
  }

  private final DomainTable table;
  private final ArrayDeque<Asker> line = new ArrayDeque<>();
  private int underWay;

  EnvelopeReads(DomainTable table) {
    this.table = table;
  }

  /** Gives the asker a turn, and more than one while it has more than fit into it. */
  void ask(Asker asker) {
    if (!asker.inLine) {
      asker.inLine = true;
      line.add(asker);
      serve();
    }
  }

  private void serve() {
    while (underWay < MOST_AT_ONCE) {
      var asker = line.poll();
      if (asker == null) {
        return;
      }
      asker.inLine = false;
      var stubs = new ArrayList<Waiting>();
      asker.collect(stubs, ContentStore.MOST_ENVELOPES);
      if (!stubs.isEmpty()) {
        begin(asker, stubs);
      }
    }
  }

  private void begin(Asker asker, List<Waiting> stubs) {
    underWay++;
    asker.underWay++;
    // Siblings are neighbours, and one read is enough for them.
    var ids = new ArrayList<TransactionId>();
    int[] numbers = new int[stubs.size()];
    for (int i = 0; i < numbers.length; i++) {
      var stub = stubs.get(i);
      if (i == 0 || !stub.isSibling(stubs.get(i - 1))) {
        ids.add(stub.id());
      }
      numbers[i] = ids.size() - 1;
      stub.reading = true;
    }
    if (stubs.size() == ContentStore.MOST_ENVELOPES) {
      asker.inLine = true;
      line.add(asker);
    }
    table
        .neighbours
        .spool()
        .envelopes(ids, table.scheduler, read -> onRead(asker, stubs, numbers, read));
  }

  private void onRead(Asker asker, List<Waiting> stubs, int[] numbers, List<EnvelopeRead> read) {
    table.scheduler.check();
    underWay--;
    asker.underWay--;
    boolean again = false;
    for (int i = 0; i < numbers.length; i++) {
      var stub = stubs.get(i);
      stub.reading = false;
      if (stub.isStub() && asker.has(stub)) {
        again |= !take(asker, stub, read.get(numbers[i]));
      }
    }
    asker.onRead(again);
    serve();
  }

  private boolean take(Asker asker, Waiting stub, EnvelopeRead read) {
    switch (read) {
      case Whole(var envelope) -> stub.becomeMessage(envelope, null, table.queueMemory);
      case Unavailable(var again, var reason) -> {
        if (again || !asker.lose(stub, reason)) {
          asker.putLast(stub);
          return false;
        }
      }
    }
    return true;
  }
}
