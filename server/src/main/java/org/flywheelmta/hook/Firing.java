package org.flywheelmta.hook;

import org.flywheelmta.base.NonThreadSafe;

/** One firing of a hook, for the scheduler that fired. */
@NonThreadSafe
public interface Firing {
  /** A firing that has ended. */
  Firing ENDED =
      new Firing() {
        @Override
        public boolean suspended() {
          return false;
        }

        @Override
        public void cancel() {}
      };

  /** True while a provider's answer is waited for. */
  boolean suspended();

  /**
   * Ends the firing without a result: the continuation is never called, no further provider is
   * asked. Does nothing when it has ended.
   */
  void cancel();
}
