package org.flywheelmta.spool;

import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import org.flywheelmta.base.NonThreadSafe;

/**
 * Attempts and due times of the recipients that recovery found, by handle: what the accounts do not
 * keep, for as long as it takes to hand messages over.
 */
@NonThreadSafe
final class RecoveredStates {
  private static final class Several {
    final int[] attempts;
    final long[] dueMicros;

    Several(int recipients) {
      this.attempts = new int[recipients];
      this.dueMicros = new long[recipients];
    }
  }

  private int[] attempts = new int[1024];
  private long[] dueMicros = new long[1024];
  private final Map<Integer, Several> several = new HashMap<>();

  void set(Residences residences, int handle, int recipient, StoredOutcome outcome) {
    int recipients = residences.recipients(handle);
    if (recipients > 1) {
      var states = several.computeIfAbsent(handle, _ -> new Several(recipients));
      states.attempts[recipient] = outcome.attempts();
      states.dueMicros[recipient] = outcome.dueMicros();
      return;
    }
    if (handle >= attempts.length) {
      int room = Math.max(handle + 1, attempts.length + (attempts.length >> 1));
      attempts = Arrays.copyOf(attempts, room);
      dueMicros = Arrays.copyOf(dueMicros, room);
    }
    attempts[handle] = outcome.attempts();
    dueMicros[handle] = outcome.dueMicros();
  }

  int attempts(int handle, int recipient) {
    var states = several.get(handle);
    if (states != null) {
      return states.attempts[recipient];
    }
    return recipient == 0 && handle < attempts.length ? attempts[handle] : 0;
  }

  long dueMicros(int handle, int recipient) {
    var states = several.get(handle);
    if (states != null) {
      return states.dueMicros[recipient];
    }
    return recipient == 0 && handle < dueMicros.length ? dueMicros[handle] : 0;
  }
}
