package org.flywheelmta.bounce;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.Unpooled;
import io.netty.buffer.UnpooledByteBufAllocator;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.flywheelmta.base.Admission.Level;
import org.flywheelmta.base.MemoryBudget;
import org.flywheelmta.base.NonThreadSafe;
import org.flywheelmta.base.TransactionId;
import org.flywheelmta.bounce.BouncePolicy.Quoting;
import org.flywheelmta.domain.Bounces.Action;
import org.flywheelmta.domain.Bounces.Completion;
import org.flywheelmta.domain.Bounces.Notice;
import org.flywheelmta.event.MailEvent.Reply;
import org.flywheelmta.event.MemoryEventLog;
import org.flywheelmta.intake.Intake;
import org.flywheelmta.message.Address;
import org.flywheelmta.message.Content;
import org.flywheelmta.message.Fields;
import org.flywheelmta.message.Message;
import org.flywheelmta.message.Message.Stage;
import org.flywheelmta.message.Transaction;
import org.flywheelmta.scheduler.ManualSchedulers;
import org.flywheelmta.spool.MemorySpool;
import org.flywheelmta.spool.Settlement;
import org.flywheelmta.spool.StoredOutcome;
import org.flywheelmta.spool.StoredOutcome.Kind;
import org.jspecify.annotations.Nullable;

/** The bounce room over a spool in memory, with one mail of which it tells. */
@NonThreadSafe
final class BounceStage {
  static final Reply UNKNOWN = new Reply("rcpt", 550, "5.1.1", "nobody of that name");

  final ManualSchedulers schedulers = new ManualSchedulers(1, 7);
  final MemorySpool spool = new MemorySpool();
  final MemoryEventLog events = new MemoryEventLog();
  final UnpooledByteBufAllocator allocator = new UnpooledByteBufAllocator(true, true, false);
  MemoryBudget memory = new MemoryBudget("memory_limit", 64L << 20);
  final MemoryBudget queueMemory = new MemoryBudget("queue_memory_limit", 1);
  final List<Message> handedOver = new ArrayList<>();

  String sender = "alice@example.org";
  String recipient = "bob@example.com";
  byte[] content = octets("Subject: x\r\nX-Long: a\r\n b\r\n\r\nHello\r\n.dot\r\n");
  Fields shared = Fields.NONE;
  Fields fields = Fields.NONE;
  Reply reply = UNKNOWN;
  Kind kind = Kind.FAILED;
  int attempts = 3;
  boolean inMemory;
  boolean losesContent;
  BouncePolicy policy = policy(Quoting.HEADERS, 256 * 1024, 0);
  private final TransactionId id = TransactionId.of(1_799_999_000_000_000L, 1, 2);
  private int told;
  private int refused;

  static BouncePolicy policy(Quoting quoting, long limit, long delayNanos) {
    return new BouncePolicy(true, "MAILER-DAEMON@mta.test", quoting, limit, delayNanos);
  }

  static byte[] octets(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  Fields with(Fields into, int tag, String value) {
    return into.with(tag, octets(value));
  }

  private Content.Shape shape() {
    var text = new String(content, StandardCharsets.ISO_8859_1);
    boolean eightBit = text.chars().anyMatch(c -> c > 127);
    boolean header = text.split("\r\n\r\n", 2)[0].chars().anyMatch(c -> c > 127);
    return new Content.Shape(false, eightBit, true, header);
  }

  Message message() {
    var transaction =
        new Transaction(
            id, id.wallMicros(), Address.of(sender), shared, 1, content.length, shape());
    if (!losesContent) {
      spool.put(id, content);
    }
    var bytes = inMemory ? new Content(Unpooled.wrappedBuffer(content), shape(), null, 0) : null;
    return new Message(transaction, 0, Address.of(recipient), fields, Stage.QUEUED, bytes);
  }

  BounceRoom room() {
    var settings = new BounceRoom.Settings("mta.test", 10, domain -> policy);
    var room = new BounceRoom(settings, allocator);
    room.open(new Intake(spool, events, handedOver::addAll, () -> Level.OPEN, memory, queueMemory));
    return room;
  }

  boolean owes(Action action) {
    var message = message();
    try {
      return room().owes(message, action, schedulers.wallMicros());
    } finally {
      message.release();
    }
  }

  /** Has the sender told; returns the notification, or null where it was refused. */
  @Nullable String tell(Action action) {
    var message = message();
    var outcome =
        new StoredOutcome(kind, attempts, 0, schedulers.wallMicros(), "550 no", Fields.NONE);
    var notice =
        new Notice(
            action,
            new Settlement(id, 0, outcome),
            reply,
            "192.0.2.1:25",
            schedulers.wallMicros() + 86_400_000_000L);
    var scheduler = schedulers.all().getFirst();
    schedulers.on(
        0,
        () ->
            room()
                .tell(
                    message,
                    notice,
                    scheduler,
                    new Completion() {
                      @Override
                      public void onTold() {
                        told++;
                      }

                      @Override
                      public void onRefused() {
                        refused++;
                      }
                    }));
    assertThat(told + refused).as("never from within the call").isZero();
    schedulers.run();
    message.release();
    assertThat(told + refused).isEqualTo(1);
    return told == 1 ? spool.kept.getLast().content() : null;
  }

  /** The same where it is told. */
  String told(Action action) {
    var text = tell(action);
    if (text == null) {
      throw new AssertionError("the notification was refused");
    }
    return text;
  }

  /** Gives back what was handed over; nothing else may be held. */
  void end() {
    handedOver.forEach(Message::release);
    assertThat(memory.taken()).isZero();
    assertThat(queueMemory.taken()).isZero();
    assertThat(events.reserved()).isZero();
    assertThat(allocator.metric().usedDirectMemory()).isZero();
    assertThat(spool.loaded).allMatch(content -> content.refCnt() == 0);
  }
}
