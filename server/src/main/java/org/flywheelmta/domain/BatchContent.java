package org.flywheelmta.domain;

import java.util.List;
import java.util.function.Consumer;
import org.flywheelmta.base.NonThreadSafe;
import org.flywheelmta.domain.Outcome.PermanentFailure;
import org.flywheelmta.domain.Outcome.Scope;
import org.flywheelmta.domain.Outcome.TransientFailure;
import org.flywheelmta.event.MailEvent.Reply;
import org.flywheelmta.message.Content;
import org.flywheelmta.message.ContentStore;
import org.flywheelmta.message.Envelope;
import org.jspecify.annotations.Nullable;

/** Brings the content of a prepared batch into memory: from a sibling that has it, or the spool. */
@NonThreadSafe
final class BatchContent {
  private final DomainRecord record;
  private final List<Waiting> prepared;
  private final Consumer<@Nullable Outcome> onEnd;
  private boolean loading;

  /**
   * @param prepared the batch; emptied by its owner when it is put back
   * @param onEnd called when loading ended, with an outcome for the batch where it failed
   */
  BatchContent(DomainRecord record, List<Waiting> prepared, Consumer<@Nullable Outcome> onEnd) {
    this.record = record;
    this.prepared = prepared;
    this.onEnd = onEnd;
  }

  boolean isLoading() {
    return loading;
  }

  /** Whether each message of the batch has its content; otherwise it is on its way. */
  boolean complete() {
    for (var waiting : prepared) {
      var content = waiting.message.content();
      if (content != null) {
        share(content);
        return true;
      }
    }
    loading = true;
    var id = prepared.getFirst().message.transaction().id();
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
                loading = false;
                share(content);
                content.release();
                onEnd.accept(null);
              }

              @Override
              public void onUnavailable(boolean again, String reason) {
                record.scheduler.check();
                loading = false;
                // Who waited in vain, since the session has ended, may find the message delivered.
                onEnd.accept(prepared.isEmpty() ? null : failure(again, reason));
              }
            });
    return false;
  }

  private void share(Content content) {
    for (var waiting : prepared) {
      if (waiting.message.content() == null) {
        waiting.message.swapIn(content.retain());
      }
    }
  }

  private Outcome failure(boolean again, String reason) {
    if (again) {
      return new TransientFailure(new Reply("content", 0, "4.3.0", reason), Scope.MESSAGE);
    }
    var operator = record.table.neighbours.operator();
    operator.error(
        "the content of a message that waits for " + record.name + " is gone: " + reason);
    return new PermanentFailure(new Reply("content", 0, "5.3.0", reason));
  }
}
