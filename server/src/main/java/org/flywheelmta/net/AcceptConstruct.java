package org.flywheelmta.net;

import io.netty.channel.Channel;
import org.flywheelmta.base.MemoryAccount;
import org.flywheelmta.base.NonThreadSafe;
import org.flywheelmta.scheduler.Scheduler;

/**
 * One accepted connection: peer, local address, listener and the closure of its listener. It was
 * born on one scheduler and stays there.
 */
@NonThreadSafe(checked = true)
public final class AcceptConstruct extends Connection {
  private final Netlistener listener;
  private final MemoryAccount account;
  private final PausedReads.Group reads;

  AcceptConstruct(
      Scheduler scheduler,
      Channel channel,
      long id,
      Netlistener listener,
      MemoryAccount account,
      PausedReads.Group reads) {
    super(scheduler, channel, id, listener.settings().inputLimitBytes());
    this.listener = listener;
    this.account = account;
    this.reads = reads;
  }

  /**
   * What its session takes of the memory for content. It outlives the connection: what was taken is
   * given back on this scheduler, whenever that may be.
   */
  public MemoryAccount account() {
    scheduler.check();
    return account;
  }

  /** The listener that accepted it. */
  public Netlistener listener() {
    scheduler.check();
    return listener;
  }

  @Override
  void onKept(long fromBytes, long toBytes) {
    if (toBytes > fromBytes) {
      account.take(toBytes - fromBytes);
    } else {
      account.release(fromBytes - toBytes);
    }
  }

  @Override
  boolean mayRead() {
    return reads.mayRead(this);
  }

  @Override
  void onWritability(boolean writable) {
    reads.onWritability(this, writable);
  }

  @Override
  void onGone() {
    reads.forget(this);
    listener.onGone();
  }
}
