package org.flywheelmta.base;

/**
 * How much a part of the server is ready to take. Listeners ask before they take mail, domain
 * records before they start a delivery. Domain records, spool and event log implement it; memory
 * has levels of its own, {@link MemoryBudget}.
 */
@ConcurrentThreadSafe
@FunctionalInterface
public interface Admission {
  /** From the most to the least that is taken. */
  enum Level {
    /** Everything is taken. */
    OPEN,
    /** New mail is refused for now (452 4.3.1 in SMTP); deliveries go on. */
    REFUSING,
    /** New mail is refused and no delivery begins, since its outcome could not be kept. */
    PAUSED
  }

  /** The level now; cheap enough to ask for each message. */
  Level level();

  /** The strictest of several. */
  static Admission strictest(Admission... parts) {
    return () -> {
      var strictest = Level.OPEN;
      for (var part : parts) {
        var level = part.level();
        if (level.compareTo(strictest) > 0) {
          strictest = level;
        }
      }
      return strictest;
    };
  }
}
