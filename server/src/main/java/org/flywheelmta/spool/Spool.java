package org.flywheelmta.spool;

import io.netty.buffer.ByteBuf;
import java.util.List;
import org.flywheelmta.base.Admission;
import org.flywheelmta.base.ConcurrentThreadSafe;
import org.flywheelmta.base.TransactionId;
import org.flywheelmta.message.Content;
import org.flywheelmta.message.ContentStore;
import org.flywheelmta.message.Message;
import org.flywheelmta.scheduler.Scheduler;

/**
 * Makes transactions durable, keeps the outcomes of their messages, and gives back what still
 * waits. No method blocks.
 *
 * <p>Its {@link Admission} is {@code REFUSING} while the disk has no room, and {@code PAUSED} once
 * the volume is sealed or more outcomes wait to be written than {@code spool_outcome_backlog}.
 */
@ConcurrentThreadSafe
public interface Spool extends ContentStore, Admission, AutoCloseable {
  /** Content above this many octets is appended as chunks while it arrives. */
  int CHUNK_BYTES = 128 * 1024;

  /**
   * How many parts of a content may be shorter than {@link #CHUNK_BYTES}. Beyond that the content
   * is dropped and its commit refused, since short chunks cost the log, and whoever reads them
   * back, more than they hold.
   */
  int MAX_SHORT_CHUNKS = 1_000;

  /**
   * Makes a transaction durable: one atomic record, forced before {@code completion} is called.
   * With a {@link Settlement} among its fields, that outcome is kept by the same record: both or
   * neither. With a {@link DedupeKey} among its fields that an earlier one has, it is dropped and
   * the completion says so; such a commit waits while it is not known yet what earlier starts left.
   *
   * @param messages all its recipients, by index; read until the completion, not retained
   * @param content what was not appended as chunks before, so all of it for small content; read
   *     until the completion, and the spool takes a reference of its own for that time
   */
  void commit(
      List<Message> messages, Content content, Scheduler asker, CommitCompletion completion);

  /**
   * Appends a part of a transaction's content while it arrives, in order. It counts for nothing
   * until {@link #commitChunked}.
   *
   * @param part one reference passes to the spool
   * @param written called on the asking scheduler exactly once, whatever becomes of the part: when
   *     it has left memory for the disk's cache, or was dropped because the disk has no room, the
   *     volume is sealed or the spool is closed. So the caller bounds what it has in flight; it
   *     says nothing about success, which {@link #commitChunked} answers
   */
  void append(TransactionId id, ByteBuf part, Scheduler asker, Runnable written);

  /**
   * Commits a transaction whose content was appended before, except for its head.
   *
   * @param head octets that go before what was appended (trace headers); one reference passes
   */
  void commitChunked(
      List<Message> messages, ByteBuf head, Scheduler asker, CommitCompletion completion);

  /** Forgets the parts of a transaction that will not be committed. */
  void abandon(TransactionId id);

  /**
   * Keeps the outcome of an attempt: written within 10 ms, forced with the next commit or after 100
   * ms. From a final outcome on, the recipient never comes back.
   */
  void outcome(TransactionId id, int recipient, StoredOutcome outcome);

  /**
   * Writes and forces what there is, ends recovery, and gives the folder's lock back. The server
   * calls it last, from its own thread; it blocks until the disk is done. What is asked while it
   * runs is done or refused, and what is asked after it is refused, exactly once; outcomes are then
   * not kept.
   */
  @Override
  void close();
}
