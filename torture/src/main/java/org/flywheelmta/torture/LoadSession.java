package org.flywheelmta.torture;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import org.flywheelmta.clients.Greeted;
import org.flywheelmta.clients.Offer;
import org.flywheelmta.clients.Outcome;
import org.jspecify.annotations.Nullable;

/**
 * One connection of an {@link Offering}: it takes mail after mail, and connects again with a
 * growing pause when the server goes away. For its own thread.
 */
final class LoadSession implements Runnable {
  private static final long BACKOFF_FIRST_NANOS = TimeUnit.MILLISECONDS.toNanos(10);
  private static final long BACKOFF_LAST_NANOS = TimeUnit.MILLISECONDS.toNanos(400);
  private static final long TAKE_NANOS = TimeUnit.MILLISECONDS.toNanos(200);

  private final Offering offering;
  private final SplittableRandom jitter;
  private @Nullable Greeted connection;
  private long backoffNanos = BACKOFF_FIRST_NANOS;

  LoadSession(Offering offering, int index) {
    this.offering = offering;
    this.jitter = new SplittableRandom(offering.load().seed() + index);
  }

  @Override
  public void run() {
    try {
      while (!offering.isStopped()) {
        var open = connection != null ? connection : connect();
        if (open == null) {
          offering.pause(backoffNanos / 2 + jitter.nextLong(backoffNanos));
          backoffNanos = Math.min(backoffNanos * 2, BACKOFF_LAST_NANOS);
        } else {
          long freeMicros = offering.micros();
          var arrival = offering.room().take(TAKE_NANOS);
          if (arrival != null) {
            offering.taken(arrival, freeMicros);
            one(open, arrival);
          }
        }
      }
      if (connection != null) {
        connection.quit();
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } finally {
      drop();
    }
  }

  private void one(Greeted open, Arrival arrival) throws IOException {
    boolean pipelining = offering.load().pipelining() && open.pipelining();
    var mail = arrival.mail();
    var ending = new Ending(offering.witness(), mail.id(), offering::micros);
    var outcome = new Offer(open.wire(), mail.letter(), pipelining, false, ending).send();
    offering.ended(arrival, outcome);
    switch (outcome) {
      case Outcome.Acknowledged _ -> backoffNanos = BACKOFF_FIRST_NANOS;
      case Outcome.Refused(int code, _) when code != Offer.CLOSING -> {}
      case Outcome.Refused _, Outcome.Unknown _, Outcome.Unsent _ -> drop();
    }
  }

  private @Nullable Greeted connect() {
    var attempt =
        Greeted.connect(offering.server(), offering.load().replyTimeout(), Generator.NAME);
    switch (attempt) {
      case Greeted.Attempt.Done(var greeted) -> {
        offering.counts().connections.increment();
        connection = greeted;
      }
      case Greeted.Attempt.Refused(var reply) -> offering.counts().refusedConnection(reply);
      case Greeted.Attempt.Failed _ -> {}
    }
    return connection;
  }

  private void drop() {
    var open = connection;
    connection = null;
    if (open != null) {
      open.close();
    }
  }
}
