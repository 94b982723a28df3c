package org.flywheelmta.sandbox;

import io.netty.buffer.ByteBuf;
import org.flywheelmta.base.TransactionId;
import org.flywheelmta.intake.IntakeCompletion;
import org.flywheelmta.intake.Reception;
import org.flywheelmta.message.Content;
import org.flywheelmta.scheduler.Scheduler;
import org.jspecify.annotations.Nullable;

/** What sessions ask of the worker that owns the folder, in order. */
sealed interface MaildirRequest {
  /**
   * Write a part of a mail.
   *
   * @param part one reference, the request's
   */
  record Append(Reception reception, ByteBuf part, Scheduler asker, Runnable written)
      implements MaildirRequest {}

  /** Forget the parts of a mail. */
  record Abandon(TransactionId id) implements MaildirRequest {}

  /**
   * Keep a mail.
   *
   * @param content one reference, the request's; null where it was appended
   */
  record Store(
      Reception reception, @Nullable Content content, Scheduler asker, IntakeCompletion completion)
      implements MaildirRequest {}
}
