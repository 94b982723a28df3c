package org.flywheelmta.net;

import io.netty.channel.Channel;
import org.flywheelmta.base.NonThreadSafe;
import org.flywheelmta.scheduler.Scheduler;

/**
 * One accepted connection: peer, local address, listener and the closure of its listener. It was
 * born on one scheduler and stays there.
 */
@NonThreadSafe(checked = true)
public final class AcceptConstruct extends Connection {
  private final Netlistener listener;

  AcceptConstruct(Scheduler scheduler, Channel channel, long id, Netlistener listener) {
    super(scheduler, channel, id, listener.settings().inputLimitBytes());
    this.listener = listener;
  }

  /** The listener that accepted it. */
  public Netlistener listener() {
    scheduler.check();
    return listener;
  }

  @Override
  void onGone() {
    listener.onGone();
  }
}
