package org.flywheelmta.spool;

import java.util.ArrayList;
import org.flywheelmta.base.SingleThreadSafe;
import org.flywheelmta.scheduler.ThreadPool;

/**
 * Has transactions read back by a thread pool, with their segments pinned meanwhile. Part of the
 * commit thread, which knows where they stand.
 */
@SingleThreadSafe
final class Reads {
  private final Accounts accounts;
  private final LogWriter writer;
  private final ThreadPool readers;
  private final ContentReader contentReader;
  private final EnvelopeReader envelopeReader;
  private final ReadBack readBack;
  private final Completions completions;

  Reads(
      Accounts accounts,
      LogWriter writer,
      ThreadPool readers,
      ContentReader contentReader,
      EnvelopeReader envelopeReader,
      ReadBack readBack,
      Completions completions) {
    this.accounts = accounts;
    this.writer = writer;
    this.readers = readers;
    this.contentReader = contentReader;
    this.envelopeReader = envelopeReader;
    this.readBack = readBack;
    this.completions = completions;
  }

  /** Takes a read of a content, to begin when there is room for it. */
  void add(Request.Load load) {
    readBack.add(load);
  }

  /** Begins what there is room for. */
  void begin() {
    readBack.begin(this::load);
  }

  /** Ends all that waits for room. */
  void end() {
    readBack.end(
        load ->
            completions.add(
                load.asker(),
                () -> load.completion().onUnavailable(true, "the spool is being closed")));
  }

  /** Begins to read a content; false while there is no room for it. */
  private boolean load(Request.Load load) {
    int handle = accounts.find(load.id());
    if (handle == Residences.NONE && load.unknown() != null) {
      completions.add(load.asker(), load.unknown());
      return true;
    }
    if (handle == Residences.NONE || !accounts.residences().isLiving(handle)) {
      completions.add(
          load.asker(),
          () -> load.completion().onUnavailable(false, "no recipient of it waits in the spool"));
      return true;
    }
    var residences = accounts.residences();
    var home = accounts.home(handle);
    var chunks = residences.chunks(handle);
    if (writer.isUnwritten(home) || chunks.stream().anyMatch(writer::isUnwritten)) {
      return false;
    }
    long bytes = ContentReader.bytes(home, chunks);
    if (!readBack.tryTake(bytes)) {
      return false;
    }
    // A pin keeps the segments from being recycled under the read, whatever becomes of the message.
    var job =
        contentReader.job(
            load.id(), home, chunks, residences.amended(handle), readBack, load.completion());
    job.segments().forEach(accounts::pin);
    if (!readers.submit(load.asker(), job)) {
      // One of those that the pool has is over soon, and looks again at what waits.
      job.segments().forEach(accounts::unpin);
      readBack.giveBack(bytes);
      return false;
    }
    return true;
  }

  /** Has envelopes read; they take nothing of the budget of content. */
  void read(Request.Envelopes envelopes) {
    var wanted = new ArrayList<EnvelopeReader.Wanted>(envelopes.ids().size());
    for (var id : envelopes.ids()) {
      int handle = accounts.find(id);
      if (handle != Residences.NONE && writer.isUnwritten(accounts.home(handle))) {
        completions.add(envelopes.asker(), () -> envelopes.refuse("a record waits for room"));
        return;
      }
      wanted.add(
          handle != Residences.NONE && accounts.residences().isLiving(handle)
              ? new EnvelopeReader.Wanted(
                  id, true, accounts.home(handle), accounts.residences().amended(handle))
              : new EnvelopeReader.Wanted(id, handle != Residences.NONE, null, null));
    }
    var job = envelopeReader.job(wanted, envelopes.completion());
    job.segments().forEach(accounts::pin);
    if (!readers.submit(envelopes.asker(), job)) {
      job.segments().forEach(accounts::unpin);
      completions.add(envelopes.asker(), () -> envelopes.refuse("too much is being read"));
    }
  }
}
