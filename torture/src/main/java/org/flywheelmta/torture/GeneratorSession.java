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
 * One of the generator's connections: connects, sends mail after mail, and connects again with a
 * growing pause when the server goes away. An exception of the wire is an outcome; one of the
 * ledger ends the generator. For its own thread.
 */
final class GeneratorSession implements Runnable {
  private static final long BACKOFF_FIRST_NANOS = TimeUnit.MILLISECONDS.toNanos(10);
  private static final long BACKOFF_LAST_NANOS = TimeUnit.MILLISECONDS.toNanos(400);

  private final Generator generator;
  private final SplittableRandom jitter;
  private @Nullable Greeted connection;
  private long backoffNanos = BACKOFF_FIRST_NANOS;

  GeneratorSession(Generator generator, int index) {
    this.generator = generator;
    this.jitter = new SplittableRandom(generator.load().seed() + index);
  }

  @Override
  public void run() {
    try {
      while (!generator.isStopped() && !generator.isExhausted()) {
        var open = connection != null ? connection : connect();
        if (open == null) {
          generator.pause(backoffNanos / 2 + jitter.nextLong(backoffNanos));
          backoffNanos = Math.min(backoffNanos * 2, BACKOFF_LAST_NANOS);
        } else if (generator.permit()) {
          one(open);
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

  private void one(Greeted open) throws IOException {
    var mail = generator.composer().compose(generator.ledger().nextNumber(), open.eightBit());
    generator.ledger().sent(mail);
    boolean pipelining = generator.load().pipelining() && open.pipelining();
    var outcome = new Offer(open.wire(), mail.letter(), pipelining, true).send();
    generator.ledger().ended(mail, outcome);
    generator.count(outcome);
    switch (outcome) {
      case Outcome.Acknowledged _ -> backoffNanos = BACKOFF_FIRST_NANOS;
      case Outcome.Refused(int code, _) when code != Offer.CLOSING -> {}
      case Outcome.Refused _, Outcome.Unknown _, Outcome.Unsent _ -> drop();
    }
  }

  /** A greeted connection, or null where the server does not want one now. */
  private @Nullable Greeted connect() {
    var attempt =
        Greeted.connect(generator.server(), generator.load().replyTimeout(), Generator.NAME);
    if (attempt instanceof Greeted.Attempt.Done(var greeted)) {
      generator.connected();
      connection = greeted;
      return greeted;
    }
    return null;
  }

  private void drop() {
    var open = connection;
    connection = null;
    if (open != null) {
      open.close();
    }
  }
}
