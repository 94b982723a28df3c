package org.flywheelmta.bounce;

import io.netty.buffer.ByteBufAllocator;
import java.util.List;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
import org.flywheelmta.base.Check;
import org.flywheelmta.base.ConcurrentThreadSafe;
import org.flywheelmta.base.Counter;
import org.flywheelmta.base.Limit;
import org.flywheelmta.base.MemoryAccount;
import org.flywheelmta.base.SingleThreadSafe;
import org.flywheelmta.base.TransactionId;
import org.flywheelmta.bounce.BouncePolicy.Quoting;
import org.flywheelmta.domain.Bounces;
import org.flywheelmta.intake.Intake;
import org.flywheelmta.intake.IntakeCompletion;
import org.flywheelmta.intake.Reception;
import org.flywheelmta.message.Address;
import org.flywheelmta.message.Content;
import org.flywheelmta.message.ContentBuilder;
import org.flywheelmta.message.ContentStore;
import org.flywheelmta.message.Envelope;
import org.flywheelmta.message.Fields;
import org.flywheelmta.message.Message;
import org.flywheelmta.message.Notify;
import org.flywheelmta.message.Tag;
import org.flywheelmta.scheduler.Scheduler;
import org.jspecify.annotations.Nullable;

/** Makes notifications and has them kept, each with the outcome of which it tells. */
@ConcurrentThreadSafe
public final class BounceRoom implements Bounces {
  /** How many domains' options are kept. */
  private static final int MOST_POLICIES = 10_000;

  private static final Reception.Origin HERE = new Reception.Origin("", "");

  private final Settings settings;
  private final ByteBufAllocator allocator;
  private final ConcurrentHashMap<String, BouncePolicy> policies = new ConcurrentHashMap<>();
  // What notifications pin is bounded by how many are under way, and counted in the budget of all.
  private final Limit pinned = new Limit("bounces_in_progress", Long.MAX_VALUE);
  private final Counter told = new Counter("flywheel_bounce_notifications_total");
  private final Counter refused = new Counter("flywheel_bounce_notifications_refused_total");
  private volatile @Nullable Intake intake;

  /**
   * What the room runs with.
   *
   * @param hostname of this server
   * @param mostAtOnce {@code bounces_in_progress}
   * @param policies options of a domain, in lower case
   */
  public record Settings(
      String hostname, int mostAtOnce, Function<String, BouncePolicy> policies) {}

  public BounceRoom(Settings settings, ByteBufAllocator allocator) {
    this.settings = settings;
    this.allocator = allocator;
  }

  /** Lets it send; before any message reaches the domain floor. */
  public void open(Intake door) {
    intake = door;
  }

  /** What the room counts, for metrics. */
  public List<Counter> counters() {
    return List.of(told, refused);
  }

  @Override
  public int mostAtOnce() {
    return settings.mostAtOnce();
  }

  @Override
  public boolean owes(Message message, Action action, long wallMicros) {
    if (message.transaction().sender().isNull()) {
      return false;
    }
    var notify = Notify.of(message.fields());
    return switch (action) {
      case FAILED -> notify.failure() && policy(message).generated();
      case RELAYED -> notify.success() && policy(message).generated();
      case DELAYED ->
          notify.delay()
              && !message.fields().has(Tag.DELAY_TOLD)
              && isLate(message, policy(message), wallMicros);
    };
  }

  private static boolean isLate(Message message, BouncePolicy policy, long wallMicros) {
    long age = wallMicros - message.transaction().receivedMicros();
    return policy.generated() && policy.delayNanos() > 0 && age >= policy.delayNanos() / 1000;
  }

  private BouncePolicy policy(Message message) {
    var domain = message.recipient().domain();
    var known = policies.get(domain);
    if (known != null) {
      return known;
    }
    var found = settings.policies().apply(domain);
    if (policies.mappingCount() >= MOST_POLICIES) {
      policies.clear();
    }
    policies.put(domain, found);
    return found;
  }

  @Override
  public void tell(Message message, Notice notice, Scheduler scheduler, Completion completion) {
    var door = intake;
    if (door == null) {
      scheduler.post(completion::onRefused);
      return;
    }
    var facts =
        Told.of(
            door.newId(scheduler),
            settings.hostname(),
            policy(message),
            message,
            notice,
            scheduler.wallMicros());
    var telling = new Telling(door, facts, quoting(facts), scheduler, completion);
    var content = message.content();
    if (telling.quoting == Quoting.NONE) {
      telling.write(null);
    } else if (content != null) {
      telling.write(content);
    } else {
      door.contents().load(message.transaction().id(), scheduler, telling);
    }
  }

  /** RET speaks of failures; other notifications quote no more than headers (RFC 3461 4.3). */
  private static Quoting quoting(Told facts) {
    var ret = Told.text(facts.transaction().fields(), Tag.DSN_RET);
    var wanted = facts.policy().quoting();
    if (ret != null) {
      wanted = ret.equalsIgnoreCase("FULL") ? Quoting.FULL : Quoting.HEADERS;
    }
    return wanted == Quoting.FULL && facts.action() != Action.FAILED ? Quoting.HEADERS : wanted;
  }

  /** One notification on its way to the spool. */
  @SingleThreadSafe
  private final class Telling implements ContentStore.Completion, IntakeCompletion {
    private final Intake door;
    private final Told facts;
    private final Quoting quoting;
    private final Scheduler scheduler;
    private final Completion completion;
    private final long beganNanos;

    Telling(Intake door, Told facts, Quoting quoting, Scheduler scheduler, Completion completion) {
      this.door = door;
      this.facts = facts;
      this.quoting = quoting;
      this.scheduler = scheduler;
      this.completion = completion;
      this.beganNanos = scheduler.nanoTime();
    }

    @Override
    public void onLoaded(Envelope envelope, Content content) {
      try {
        write(content);
      } finally {
        content.release();
      }
    }

    @Override
    public void onUnavailable(boolean again, String reason) {
      if (again) {
        refuse();
      } else {
        // The sender is told all the same, without a word of what was lost.
        write(null);
      }
    }

    /** Writes the notification and gives it to the intake; keeps no reference to the content. */
    void write(@Nullable Content original) {
      var account = new MemoryAccount(pinned, door.memory());
      var builder = new ContentBuilder(allocator, account);
      var quoted =
          original == null
              ? null
              : Quoted.of(original, quoting, facts.policy().quotingLimitBytes());
      var content = new Report(facts).write(builder, quoted);
      if (content == null) {
        builder.discard();
        refuse();
        return;
      }
      account.pass(content.pinnedBytes());
      var fields = facts.notice().settlement().in(fields());
      var recipient = new Reception.Recipient(facts.sender(), Fields.NONE);
      door.takeRoomInPlace(fields, recipient);
      door.accept(
          new Reception(facts.id(), 0, beganNanos, Address.NULL, fields, List.of(recipient), HERE),
          content,
          scheduler,
          this);
    }

    private Fields fields() {
      return facts.sender().needsUtf8() ? Fields.NONE.with(Tag.SMTPUTF8, new byte[0]) : Fields.NONE;
    }

    @Override
    public void onAccepted() {
      told.increment();
      completion.onTold();
    }

    @Override
    public void onDuplicate(TransactionId first) {
      throw Check.bug("a notification has no dedupe key");
    }

    @Override
    public void onRefused(Refusal why) {
      refuse();
    }

    private void refuse() {
      refused.increment();
      // It may be refused at once, and nobody is called back from within a call.
      scheduler.post(completion::onRefused);
    }
  }
}
