package org.flywheelmta.dns;

import io.netty.util.NetUtil;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Consumer;
import org.flywheelmta.base.NonThreadSafe;
import org.flywheelmta.scheduler.Scheduler;

/** A resolver that knows what a test tells it, and nothing else. */
@NonThreadSafe
public final class ZoneResolver implements Resolver {
  /** Until when every answer counts, after it was given. */
  public long ttlNanos = 60_000_000_000L;

  /** What was asked for, in order. */
  public final List<Question> asked = new ArrayList<>();

  private final Map<Question, List<Rdata>> records = new LinkedHashMap<>();
  private final Map<Question, String> failing = new LinkedHashMap<>();
  private boolean busy;

  /** Adds an MX record. */
  public ZoneResolver mx(String name, int preference, String host) {
    return add(name, RecordType.MX, new Rdata.Exchanger(preference, host));
  }

  /** Adds an address of either family. */
  public ZoneResolver address(String name, String address) {
    var parsed = Objects.requireNonNull(NetUtil.createInetAddressFromIpAddressString(address));
    var type = address.contains(":") ? RecordType.AAAA : RecordType.A;
    return add(name, type, new Rdata.Address(parsed));
  }

  private ZoneResolver add(String name, RecordType type, Rdata data) {
    records.computeIfAbsent(new Question(name, type), _ -> new ArrayList<>()).add(data);
    return this;
  }

  /** Has a question fail. */
  public ZoneResolver fail(String name, RecordType type, String reason) {
    failing.put(new Question(name, type), reason);
    return this;
  }

  /** Whether it has no room for questions. */
  public void busy(boolean now) {
    busy = now;
  }

  @Override
  public void resolve(Question question, Scheduler asker, Consumer<Answer> done) {
    asker.check();
    asked.add(question);
    long until = asker.nanoTime() + ttlNanos;
    asker.post(() -> done.accept(answer(question, until)));
  }

  private Answer answer(Question question, long until) {
    var found = records.get(question);
    var reason = failing.get(question);
    if (busy) {
      return new Answer.Busy(until);
    } else if (reason != null) {
      return new Answer.Failed(reason, until);
    } else if (found != null) {
      return new Answer.Found(List.copyOf(found), until);
    }
    boolean exists =
        records.keySet().stream().anyMatch(known -> known.name().equals(question.name()));
    return exists ? new Answer.NoRecord(until) : new Answer.NoName(until);
  }
}
