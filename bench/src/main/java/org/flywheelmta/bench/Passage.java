package org.flywheelmta.bench;

import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.flywheelmta.clients.MailStore;
import org.flywheelmta.torture.Address;
import org.flywheelmta.torture.Latencies;
import org.flywheelmta.torture.MicroClock;
import org.flywheelmta.torture.Witness;
import org.jspecify.annotations.Nullable;

/**
 * Sees the mails of one stage go in and come out, both in this process and by one clock. A mail
 * takes room here from its end to its delivery. Any thread may call.
 */
final class Passage implements Witness, MailStore {
  private final Map<String, Long> ends = new ConcurrentHashMap<>();
  private final Latencies acknowledged = new Latencies();
  private final Latencies delivered = new Latencies();

  @Override
  public void ending(String id, long micros) {
    ends.put(id, micros);
  }

  @Override
  public void acknowledged(String id, long endingMicros, long micros) {
    acknowledged.add(micros - endingMicros);
  }

  /** From the end of data to the positive reply. */
  Latencies acknowledged() {
    return acknowledged;
  }

  /** From the end of data to the end of data at the sink. */
  Latencies delivered() {
    return delivered;
  }

  /** A mail that comes out; those of another stage, and reports of failure, do not count. */
  @Override
  public Writing begin(String sender, List<String> recipients) {
    return new Arriving(sender.isEmpty() ? null : Address.id(recipients.getFirst()));
  }

  private void arrived(@Nullable String id) {
    var end = id == null ? null : ends.remove(id);
    if (end != null) {
      delivered.add(MicroClock.micros() - end);
    }
  }

  private final class Arriving implements Writing {
    private final @Nullable String id;

    Arriving(@Nullable String id) {
      this.id = id;
    }

    @Override
    public void line(byte[] bytes, int offset, int length) {}

    @Override
    public void keep() {
      arrived(id);
    }

    @Override
    public void drop() {}
  }
}
