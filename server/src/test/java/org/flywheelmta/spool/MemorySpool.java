package org.flywheelmta.spool;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.flywheelmta.base.NonThreadSafe;
import org.flywheelmta.base.TransactionId;
import org.flywheelmta.message.Content;
import org.flywheelmta.scheduler.Scheduler;

/**
 * A spool in memory, for rooms whose tests need what was kept and not how. It keeps outcomes, and
 * gives content back that a test put in.
 */
@NonThreadSafe
public final class MemorySpool implements Spool {
  /** An outcome that was kept. */
  public record Entry(TransactionId id, int recipient, StoredOutcome outcome) {}

  public final List<Entry> outcomes = new ArrayList<>();
  public final List<Content> loaded = new ArrayList<>();
  public Level level = Level.OPEN;
  public boolean contentIsShort;
  private final Map<TransactionId, byte[]> contents = new LinkedHashMap<>();

  /** Keeps the content of a transaction, to be read back. */
  public void put(TransactionId id, byte[] content) {
    contents.put(id, content);
  }

  /** Loses it. */
  public void lose(TransactionId id) {
    contents.remove(id);
  }

  @Override
  public void load(TransactionId id, Scheduler asker, Completion completion) {
    asker.post(
        () -> {
          var octets = contents.get(id);
          if (contentIsShort || octets == null) {
            completion.onUnavailable(contentIsShort, "content is not to be had");
            return;
          }
          var content =
              new Content(
                  Unpooled.wrappedBuffer(octets), new Content.Shape(false, false, true), null, 0);
          loaded.add(content);
          completion.onLoaded(content);
        });
  }

  @Override
  public void outcome(TransactionId id, int recipient, StoredOutcome outcome) {
    outcomes.add(new Entry(id, recipient, outcome));
  }

  @Override
  public Level level() {
    return level;
  }

  @Override
  public void commit(
      List<org.flywheelmta.message.Message> messages,
      Content content,
      Scheduler asker,
      CommitCompletion completion) {
    var octets = new byte[content.size()];
    content.bytes().duplicate().readBytes(octets);
    put(messages.getFirst().transaction().id(), octets);
    asker.post(completion::onCommitted);
  }

  @Override
  public void append(TransactionId id, ByteBuf part, Scheduler asker, Runnable written) {
    part.release();
    throw new UnsupportedOperationException("content comes whole here");
  }

  @Override
  public void commitChunked(
      List<org.flywheelmta.message.Message> messages,
      ByteBuf head,
      Scheduler asker,
      CommitCompletion completion) {
    head.release();
    throw new UnsupportedOperationException("content comes whole here");
  }

  @Override
  public void abandon(TransactionId id) {
    contents.remove(id);
  }

  @Override
  public void close() {}
}
