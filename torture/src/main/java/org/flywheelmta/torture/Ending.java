package org.flywheelmta.torture;

import java.util.function.LongSupplier;
import org.flywheelmta.clients.Offer;
import org.flywheelmta.clients.Reply;

/** Tells a {@link Witness} of one mail. For the thread of its session. */
final class Ending implements Offer.Replies {
  private final Witness witness;
  private final String id;
  private final LongSupplier clock;
  private long endingMicros;

  Ending(Witness witness, String id, LongSupplier clock) {
    this.witness = witness;
    this.id = id;
    this.clock = clock;
  }

  @Override
  public void ending() {
    endingMicros = clock.getAsLong();
    witness.ending(id, endingMicros);
  }

  @Override
  public void on(Offer.Stage stage, Reply reply) {
    if (stage == Offer.Stage.END && reply.positive()) {
      witness.acknowledged(id, endingMicros, clock.getAsLong());
    }
  }
}
