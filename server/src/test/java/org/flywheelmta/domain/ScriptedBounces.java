package org.flywheelmta.domain;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BiPredicate;
import org.flywheelmta.base.NonThreadSafe;
import org.flywheelmta.message.Message;
import org.flywheelmta.message.Message.Stage;
import org.flywheelmta.scheduler.Scheduler;
import org.flywheelmta.spool.MemorySpool;

/** Tells senders as a test says: at once, later, or not. */
@NonThreadSafe
final class ScriptedBounces implements Bounces {
  /** A notification that was asked for. */
  record Asked(String recipient, Notice notice) {}

  private record Held(Asked asked, Scheduler scheduler, Completion completion) {}

  /** Who is owed one; nobody at first. */
  BiPredicate<Message, Action> owed = (message, action) -> false;

  int most = 3;
  boolean refusing;

  /** While true, nothing is answered; {@link #letGo} ends it. */
  boolean holding;

  final List<Asked> asked = new ArrayList<>();
  private final MemorySpool spool;
  private final ArrayDeque<Held> held = new ArrayDeque<>();
  private int underWay;
  int mostUnderWay;

  ScriptedBounces(MemorySpool spool) {
    this.spool = spool;
  }

  int underWay() {
    return underWay;
  }

  @Override
  public boolean owes(Message message, Action action, long wallMicros) {
    return owed.test(message, action);
  }

  @Override
  public int mostAtOnce() {
    return most;
  }

  @Override
  public void tell(Message message, Notice notice, Scheduler scheduler, Completion completion) {
    if (message.stage() != Stage.QUEUED) {
      throw new AssertionError("a message bounces in stage " + message.stage());
    }
    underWay++;
    mostUnderWay = Math.max(mostUnderWay, underWay);
    var each = new Asked(message.recipient().toString(), notice);
    asked.add(each);
    held.add(new Held(each, scheduler, completion));
    if (!holding) {
      letGo(1);
    }
  }

  /** Answers the oldest {@code count}. */
  void letGo(int count) {
    for (int i = 0; i < count; i++) {
      var next = held.remove();
      next.scheduler.post(
          () -> {
            underWay--;
            if (refusing) {
              next.completion.onRefused();
            } else {
              var settlement = next.asked.notice().settlement();
              spool.outcome(settlement.id(), settlement.recipient(), settlement.outcome());
              next.completion.onTold();
            }
          });
    }
  }

  /** Answers all, and those to come at once. */
  void letGo() {
    holding = false;
    letGo(held.size());
  }
}
