package org.flywheelmta.dns;

import java.net.InetSocketAddress;
import java.util.function.Consumer;
import org.flywheelmta.base.NonThreadSafe;
import org.flywheelmta.scheduler.Scheduler;

/**
 * The door to name servers: one query to one of them. It belongs to one scheduler, keeps nothing of
 * what it has learned, and tries nothing twice.
 */
@NonThreadSafe
public interface Exchange {
  /**
   * Asks one server, with recursion. An answer that does not fit into a datagram is asked for again
   * by TCP, within the same time.
   *
   * @param question whose name {@link Names#canBeAsked} has let pass
   * @param done called once on the scheduler, never from within this call, and never after {@link
   *     #close}
   */
  void query(InetSocketAddress server, Question question, Consumer<Reply> done);

  /** Ends every query that is under way, without a reply, and gives back what they hold. */
  void close();

  /** Makes the exchange of a resolver. */
  @FunctionalInterface
  interface Maker {
    /**
     * Called on {@code home}.
     *
     * @param home the scheduler that the exchange belongs to
     * @param timeoutNanos after which a query without a reply becomes {@link Reply.Silence}
     */
    Exchange make(Scheduler home, long timeoutNanos);
  }
}
