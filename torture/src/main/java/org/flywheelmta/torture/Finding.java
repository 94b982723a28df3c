package org.flywheelmta.torture;

import java.time.Duration;

/** One thing that the {@link Judge} found. */
sealed interface Finding {
  /** A sentence for the operator. */
  String text();

  /** Acknowledged, and neither delivered nor turned away by the sink. */
  record Lost(String recipient) implements Finding {
    @Override
    public String text() {
      return "lost: " + recipient + " was acknowledged and never came";
    }
  }

  /**
   * Acknowledged, and still to be delivered or reported.
   *
   * @param listed by the server's own word; else because the sink's script puts it off to the end
   */
  record Waiting(String recipient, boolean listed) implements Finding {
    @Override
    public String text() {
      return "waiting: "
          + recipient
          + (listed ? " is still in the spool" : " is put off by the script to the end");
    }
  }

  /** Turned away by the sink for good, and its sender was not told. */
  record Unreported(String recipient) implements Finding {
    @Override
    public String text() {
      return "unreported: " + recipient + " was turned away and nobody was told";
    }
  }

  /** The sender was told what is not so, or twice. */
  record Misreported(String recipient, String what) implements Finding {
    @Override
    public String text() {
      return "misreported: " + recipient + " " + what;
    }
  }

  /** Delivered with other bytes. */
  record Damaged(String recipient, String damage) implements Finding {
    @Override
    public String text() {
      return "damaged: " + recipient + " came with " + damage;
    }
  }

  /** Delivered without a right to be. */
  record Invented(String what) implements Finding {
    @Override
    public String text() {
      return "invented: " + what;
    }
  }

  /** Delivered again after a 250. */
  record Duplicate(String recipient, Cause cause) implements Finding {
    @Override
    public String text() {
      return "duplicate: " + recipient + " " + cause.text();
    }
  }

  /** Why the server did not know of the earlier delivery. */
  sealed interface Cause {
    String text();

    /**
     * The 250 was written shortly before the kill, within the time that an outcome may take to be
     * written.
     *
     * @param slack whether this needs the measurement slack on top
     */
    record Window(int kill, Duration before, boolean slack) implements Cause {
      @Override
      public String text() {
        return "explained: its 250 was given %.1f ms before kill %d%s"
            .formatted(before.toNanos() / 1e6, kill, slack ? " (within the slack)" : "");
      }
    }

    /** All data had been sent and the 250 was not written when the kill came (RFC 1047). */
    record Unanswered(int kill) implements Cause {
      @Override
      public String text() {
        return "explained: its 250 was not yet given at kill " + kill;
      }
    }

    /** Nothing excuses it. */
    record None(String why) implements Cause {
      @Override
      public String text() {
        return "unexplained: " + why;
      }
    }
  }
}
