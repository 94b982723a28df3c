package org.flywheelmta.bench.micro;

import org.flywheelmta.domain.DeliverySession;
import org.flywheelmta.domain.DeliverySource;
import org.flywheelmta.domain.DeliveryTarget;
import org.flywheelmta.domain.Outcome;
import org.flywheelmta.event.MailEvent.Reply;
import org.flywheelmta.scheduler.Scheduler;

/** A delivery that takes no time but that of its source. For its scheduler. */
final class InstantSession implements DeliverySession {
  private static final Outcome FINE = new Outcome.Delivered(new Reply("body", 250, "2.0.0", "ok"));

  private final Scheduler scheduler;
  private DeliverySource source;
  private boolean posted;
  private boolean ready;
  private boolean closed;

  InstantSession(Scheduler scheduler, DeliverySource source) {
    this.scheduler = scheduler;
    this.source = source;
    post();
  }

  private void post() {
    if (!posted) {
      posted = true;
      scheduler.post(this::work);
    }
  }

  private void work() {
    posted = false;
    if (closed) {
      return;
    }
    if (!ready) {
      ready = true;
      source.onReady(this);
    }
    for (var batch = source.next(this); batch != null; batch = source.next(this)) {
      for (var message : batch) {
        source.onOutcome(this, message, FINE);
      }
    }
  }

  @Override
  public boolean wake() {
    if (!closed) {
      post();
    }
    return !closed;
  }

  @Override
  public boolean adopt(DeliveryTarget target, DeliverySource adopting) {
    if (closed || !ready) {
      return false;
    }
    source = adopting;
    return true;
  }

  @Override
  public void retire() {
    scheduler.post(this::close);
  }

  @Override
  public void abort() {
    close();
  }

  private void close() {
    if (!closed) {
      closed = true;
      source.onClosed(this, null);
    }
  }

  @Override
  public long connectionId() {
    return 1;
  }
}
