package org.flywheelmta.domain;

import org.flywheelmta.base.NonThreadSafe;
import org.flywheelmta.scheduler.Scheduler;
import org.jspecify.annotations.Nullable;

/**
 * The tokens that a record needs for its next connection: one of its name's limit and then one of
 * the server's. The order is the same everywhere, so that nobody waits in a circle: whoever waits
 * for the server's keeps the name's, and whoever waits for the name's has none of the server's.
 */
@NonThreadSafe
final class ConnectionTokens {
  final Claim ofName;
  final Claim ofServer;

  /**
   * @param onToken called on the scheduler when a token came
   */
  ConnectionTokens(
      ConnectionLimit name, ConnectionLimit server, Scheduler scheduler, Runnable onToken) {
    this.ofName = new Claim(name, scheduler::post, onToken);
    this.ofServer = new Claim(server, scheduler::post, onToken);
  }

  /**
   * Takes both for one connection; otherwise the record is called when it is worth asking again.
   *
   * @param holding how many connections the record has
   */
  boolean take(int holding) {
    if (!ofName.take(holding)) {
      // Its token may have vanished while it waited for the server's.
      ofServer.giveUp();
      return false;
    }
    if (!ofServer.take(holding)) {
      return false;
    }
    ofName.use();
    ofServer.use();
    return true;
  }

  /** The record has no use for any now. */
  void giveUp() {
    ofServer.giveUp();
    ofName.giveUp();
  }

  /** Whether none is here or may come. */
  boolean atRest() {
    return ofName.atRest() && ofServer.atRest();
  }

  /**
   * Gives back both of a connection.
   *
   * @param leftFor the limit for whose sake it was closed; null for none
   */
  void release(@Nullable ConnectionLimit leftFor) {
    release(ofName.limit, leftFor);
    release(ofServer.limit, leftFor);
  }

  private static void release(ConnectionLimit limit, @Nullable ConnectionLimit leftFor) {
    if (limit == leftFor) {
      limit.releaseLeaving();
    } else {
      limit.release();
    }
  }

  /**
   * Whether a session had better ask soon if it is to leave; changes nothing.
   *
   * @param hadItsQuantum whether it may be asked to make way
   */
  boolean isWanted(boolean hadItsQuantum) {
    return isWanted(ofName.limit, hadItsQuantum) || isWanted(ofServer.limit, hadItsQuantum);
  }

  private static boolean isWanted(ConnectionLimit limit, boolean hadItsQuantum) {
    return limit.surplus() > 0 || (hadItsQuantum && limit.waiting() > 0);
  }

  /** The limit for which an idle session is to leave; null for none. */
  @Nullable ConnectionLimit callsIdle() {
    if (ofName.limit.callsIdle()) {
      return ofName.limit;
    }
    return ofServer.limit.callsIdle() ? ofServer.limit : null;
  }

  /** The limit for which a session is to leave since there are too many; null for none. */
  @Nullable ConnectionLimit callsSurplus() {
    return ofName.limit.callsSurplus() ? ofName.limit : null;
  }

  /** The limit for which a session that had its quantum is to leave; null for none. */
  @Nullable ConnectionLimit callsBusy(int holding) {
    if (ofName.callsBusy(holding)) {
      return ofName.limit;
    }
    return ofServer.callsBusy(holding) ? ofServer.limit : null;
  }
}
