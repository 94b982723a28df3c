package org.flywheelmta.bench.micro;

import org.flywheelmta.event.EventLog;
import org.flywheelmta.event.MailEvent;

/** A log that writes nothing and never fills. Any thread may call. */
final class BoundlessEvents implements EventLog {
  @Override
  public boolean reserve(int slots) {
    return true;
  }

  @Override
  public void release(int slots) {}

  @Override
  public void publish(MailEvent event) {}

  @Override
  public void offer(MailEvent event) {}

  @Override
  public Level level() {
    return Level.OPEN;
  }
}
