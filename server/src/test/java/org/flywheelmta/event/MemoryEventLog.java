package org.flywheelmta.event;

import java.util.ArrayList;
import java.util.List;
import org.flywheelmta.base.Check;
import org.flywheelmta.base.NonThreadSafe;

/** An event log that keeps events in a list, with room for so many reservations. */
@NonThreadSafe
public final class MemoryEventLog implements EventLog {
  public final List<MailEvent> events = new ArrayList<>();
  public Level level = Level.OPEN;
  public int room = Integer.MAX_VALUE;
  private int reserved;

  /** How many slots are taken and not used yet. */
  public int reserved() {
    return reserved;
  }

  /** How many events of a type there are. */
  public long count(MailEvent.Type type) {
    return events.stream().filter(event -> event.type() == type).count();
  }

  @Override
  public boolean reserve(int slots) {
    if (slots > room - reserved) {
      return false;
    }
    reserved += slots;
    return true;
  }

  @Override
  public void release(int slots) {
    reserved -= slots;
    Check.that(reserved >= 0, "more slots given back than taken");
  }

  @Override
  public void publish(MailEvent event) {
    release(1);
    events.add(event);
  }

  @Override
  public void offer(MailEvent event) {
    if (reserve(1)) {
      publish(event);
    }
  }

  @Override
  public Level level() {
    return level;
  }
}
