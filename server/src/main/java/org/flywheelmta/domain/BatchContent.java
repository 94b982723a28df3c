package org.flywheelmta.domain;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.flywheelmta.base.NonThreadSafe;
import org.flywheelmta.base.TransactionId;
import org.flywheelmta.domain.Outcome.PermanentFailure;
import org.flywheelmta.domain.Outcome.Scope;
import org.flywheelmta.domain.Outcome.TransientFailure;
import org.flywheelmta.event.MailEvent.Reply;
import org.flywheelmta.message.Content;
import org.flywheelmta.message.ContentStore;
import org.flywheelmta.message.ContentStore.EnvelopeRead;
import org.flywheelmta.message.ContentStore.EnvelopeRead.Unavailable;
import org.flywheelmta.message.ContentStore.EnvelopeRead.Whole;
import org.flywheelmta.message.Envelope;
import org.jspecify.annotations.Nullable;

/**
 * Brings a prepared batch of stubs into memory, envelope and content in one read. Siblings whose
 * headers turn out to differ from those of the first go back to the head of the queue.
 */
@NonThreadSafe
final class BatchContent {
  /** How loading ended. */
  sealed interface End {}

  /** The batch is in memory. */
  record Loaded() implements End {}

  /** It is in memory without its content: an outcome for the batch. */
  record Failed(Outcome outcome) implements End {}

  /** Not even its envelope can be read. */
  record Unread(Unavailable why) implements End {}

  private final DomainRecord record;
  private final List<Waiting> prepared;
  private final Consumer<End> onEnd;
  private boolean loading;

  /**
   * @param prepared the batch; emptied by its owner when it is put back
   * @param onEnd called when loading ended, unless the batch was put back meanwhile
   */
  BatchContent(DomainRecord record, List<Waiting> prepared, Consumer<End> onEnd) {
    this.record = record;
    this.prepared = prepared;
    this.onEnd = onEnd;
  }

  boolean isLoading() {
    return loading;
  }

  /** Whether the batch is in memory; otherwise it is on its way. */
  boolean complete() {
    if (!prepared.getFirst().isStub()) {
      return true;
    }
    loading = true;
    var id = prepared.getFirst().id();
    record
        .table
        .neighbours
        .spool()
        .load(
            id,
            record.scheduler,
            new ContentStore.Completion() {
              @Override
              public void onLoaded(Envelope envelope, Content content) {
                record.scheduler.check();
                swapIn(envelope, content);
                content.release();
                end(new Loaded());
              }

              @Override
              public void onUnavailable(boolean again, String reason) {
                record.scheduler.check();
                if (prepared.isEmpty()) {
                  // Who waited in vain, since the session has ended, may find it delivered.
                  loading = false;
                } else {
                  readEnvelope(id, new Unavailable(again, reason));
                }
              }
            });
    return false;
  }

  private void end(End how) {
    loading = false;
    if (!prepared.isEmpty()) {
      onEnd.accept(how);
    }
  }

  private void swapIn(Envelope envelope, @Nullable Content content) {
    var others = new ArrayList<Waiting>();
    for (var waiting : prepared) {
      waiting.becomeMessage(envelope, content, record.table.queueMemory);
      if (!Siblings.haveEqualHeaders(prepared.getFirst(), waiting)) {
        others.add(waiting);
      }
    }
    if (!others.isEmpty()) {
      prepared.removeAll(others);
      record.putBack(others);
      record.maintain();
    }
  }

  /** Without its content the envelope may still be there, which the outcome needs. */
  private void readEnvelope(TransactionId id, Unavailable why) {
    var ids = List.of(id);
    record
        .table
        .neighbours
        .spool()
        .envelopes(ids, record.scheduler, read -> onEnvelope(read.getFirst(), why));
  }

  private void onEnvelope(EnvelopeRead read, Unavailable why) {
    record.scheduler.check();
    if (prepared.isEmpty()) {
      loading = false;
      return;
    }
    switch (read) {
      case Whole(var envelope) -> {
        swapIn(envelope, null);
        end(new Failed(failure(why)));
      }
      case Unavailable unread -> end(new Unread(unread));
    }
  }

  private Outcome failure(Unavailable why) {
    if (why.again()) {
      return new TransientFailure(new Reply("content", 0, "4.3.0", why.reason()), Scope.MESSAGE);
    }
    var operator = record.table.neighbours.operator();
    operator.error(
        "the content of a message that waits for " + record.name + " is gone: " + why.reason());
    return new PermanentFailure(new Reply("content", 0, "5.3.0", why.reason()));
  }
}
