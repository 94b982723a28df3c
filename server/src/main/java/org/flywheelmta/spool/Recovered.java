package org.flywheelmta.spool;

import java.util.List;
import org.flywheelmta.base.ConcurrentThreadSafe;
import org.flywheelmta.message.Stub;

/** Takes the messages that a restart brings back; the domain floor implements it. */
@ConcurrentThreadSafe
public interface Recovered {
  /**
   * Messages that still wait; their envelope and content stay in the spool. Called on the
   * recovery's thread.
   *
   * @return false when the callee has no room now; the same messages are offered again soon
   */
  boolean onRecovered(List<Stub> stubs);

  /** All messages were handed over. */
  void onRecoveryDone(long messages);
}
