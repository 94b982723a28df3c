package org.flywheelmta.torture;

import java.io.IOException;
import java.time.Duration;
import org.flywheelmta.clients.Progress;

/** Waits until a server has delivered what it owes. For one thread. */
final class Drain {
  private static final Duration POLL = Duration.ofMillis(250);

  private final History history;
  private final Sink sink;
  private final Progress progress;
  private final Duration limit;

  Drain(History history, Sink sink, Progress progress, Duration limit) {
    this.history = history;
    this.sink = sink;
    this.progress = progress;
    this.limit = limit;
  }

  /**
   * The history is up to date when it returns. Mails that are still open when the time is over are
   * the judge's business.
   *
   * @param quiet how long the sink must have heard nothing in the end
   * @param meanwhile is run at each look
   * @return false where the server ended by itself
   */
  boolean await(RelayProcess server, Duration quiet, Runnable meanwhile)
      throws IOException, InterruptedException {
    long start = System.nanoTime();
    long quietSince = start;
    long seen = -1;
    while (true) {
      sink.settle();
      history.catchUp();
      meanwhile.run();
      long open = history.open();
      long now = System.nanoTime();
      if (history.sinkLines() != seen) {
        seen = history.sinkLines();
        quietSince = now;
      }
      if (open == 0 && now - quietSince >= quiet.toNanos()) {
        return true;
      }
      if (now - start >= limit.toNanos()) {
        progress.say("drain: %d mails still open at the time limit".formatted(open));
        return true;
      }
      progress.show(() -> "drain: %d mails open, delivered %d".formatted(open, sink.mails()));
      if (server.awaitEnd(POLL)) {
        return false;
      }
    }
  }
}
