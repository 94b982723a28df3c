package org.flywheelmta.domain;

import org.flywheelmta.base.ConcurrentThreadSafe;
import org.flywheelmta.event.MailEvent.Reply;
import org.flywheelmta.message.Message;
import org.flywheelmta.scheduler.Scheduler;
import org.flywheelmta.spool.Settlement;

/** Tells senders by mail what became of theirs; the bounce floor implements it. */
@ConcurrentThreadSafe
public interface Bounces {
  /** Nobody is told anything. */
  Bounces NONE =
      new Bounces() {
        @Override
        public boolean owes(Message message, Action action, long wallMicros) {
          return false;
        }

        @Override
        public int mostAtOnce() {
          return 1;
        }

        @Override
        public void tell(
            Message message, Notice notice, Scheduler scheduler, Completion completion) {
          throw new IllegalStateException("a notification that nobody is owed");
        }
      };

  /** What a notification says (RFC 3464 section 2.3.3). */
  enum Action {
    /** It will not be tried again. */
    FAILED,
    /** It is late and will be tried again. */
    DELAYED,
    /** It was passed on to a host that will not tell of its delivery. */
    RELAYED
  }

  /**
   * What is to be told.
   *
   * @param settlement the outcome that is kept by the notification's own record
   * @param reply what decided
   * @param peer address and port of the side that replied; empty where it was decided here
   * @param expiryMicros when the message is given up, wall clock microseconds
   */
  record Notice(
      Action action, Settlement settlement, Reply reply, String peer, long expiryMicros) {}

  /** Called once on the scheduler that asked, later and never from within the call. */
  interface Completion {
    /** The notification is durable, and so is the outcome. */
    void onTold();

    /** It could not be kept, and neither was the outcome. */
    void onRefused();
  }

  /**
   * Whether the sender of a message is owed a notification. Called on the scheduler of its record;
   * it costs no more than a look at options.
   *
   * @param wallMicros now
   */
  boolean owes(Message message, Action action, long wallMicros);

  /** {@code bounces_in_progress}: how many may be under way at once on one scheduler. */
  int mostAtOnce();

  /**
   * Makes the notification and has it kept.
   *
   * @param message not retained; its content is read within the call, where it is in memory, and
   *     otherwise from the spool
   */
  void tell(Message message, Notice notice, Scheduler scheduler, Completion completion);
}
