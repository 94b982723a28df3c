package org.flywheelmta.intake;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.Unpooled;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.flywheelmta.base.Admission;
import org.flywheelmta.base.MemoryBudget;
import org.flywheelmta.base.TransactionId;
import org.flywheelmta.event.MailEvent;
import org.flywheelmta.event.MemoryEventLog;
import org.flywheelmta.message.Address;
import org.flywheelmta.message.Content;
import org.flywheelmta.message.Fields;
import org.flywheelmta.message.Message;
import org.flywheelmta.scheduler.ManualSchedulers;
import org.flywheelmta.spool.DedupeKey;
import org.flywheelmta.spool.MemorySpool;
import org.junit.jupiter.api.Test;

/** A reception with a dedupe key that the spool knows. */
final class DuplicateTest {
  private static final Content.Shape SHAPE = new Content.Shape(false, false, true);

  private final ManualSchedulers schedulers = new ManualSchedulers(1, 7);
  private final MemorySpool spool = new MemorySpool();
  private final MemoryEventLog events = new MemoryEventLog();
  private final MemoryBudget queueMemory = new MemoryBudget("queue_memory_limit", 1L << 20);
  private final List<Message> handedOver = new ArrayList<>();
  private final List<String> answers = new ArrayList<>();
  private final Intake intake =
      new Intake(
          spool,
          events,
          handedOver::addAll,
          () -> Admission.Level.OPEN,
          new MemoryBudget("memory_limit", 64L << 20),
          queueMemory);

  private final IntakeCompletion completion =
      new IntakeCompletion() {
        @Override
        public void onAccepted() {
          answers.add("taken");
        }

        @Override
        public void onDuplicate(TransactionId first) {
          answers.add("as " + first);
        }

        @Override
        public void onRefused(Refusal refusal) {
          answers.add(refusal.toString());
        }
      };

  private static Reception reception(TransactionId id, String key) {
    var recipients =
        List.of(
            new Reception.Recipient(Address.of("a@example.com"), Fields.NONE),
            new Reception.Recipient(Address.of("b@example.com"), Fields.NONE));
    var fields = DedupeKey.in(Fields.NONE, key.getBytes(StandardCharsets.UTF_8));
    var origin = new Reception.Origin("in", "192.0.2.1:25");
    return new Reception(id, 1, 0, Address.of("c@example.org"), fields, recipients, origin);
  }

  @Test
  void duplicateIsAnsweredWithTheIdOfTheFirstAndLeavesNothing() {
    var scheduler = schedulers.all().getFirst();
    var first = TransactionId.of(1_799_999_000_000_000L, 1, 2);
    var second = TransactionId.of(1_799_999_000_000_001L, 1, 2);
    var contents = new ArrayList<Content>();
    schedulers.on(
        0,
        () -> {
          for (var id : List.of(first, second)) {
            var reception = reception(id, "account 7: order 1");
            reception.recipients().forEach(to -> intake.takeRoom(reception.fields(), to));
            var content = new Content(Unpooled.copiedBuffer(new byte[100]), SHAPE, null, 0);
            contents.add(content);
            intake.accept(reception, content, scheduler, completion);
          }
        });
    schedulers.run();
    assertThat(answers).containsExactly("taken", "as " + first);
    assertThat(spool.kept).hasSize(1);
    assertThat(handedOver).hasSize(2).allMatch(m -> m.transaction().id().equals(first));
    assertThat(contents.getLast().refCnt()).isZero();
    assertThat(events.count(MailEvent.Type.RECEPTION)).isEqualTo(2);
    assertThat(events.reserved()).isZero();
    assertThat(intake.received()).isEqualTo(2);
    handedOver.forEach(Message::release);
    assertThat(queueMemory.taken()).isZero();
    assertThat(contents.getFirst().refCnt()).isZero();
  }
}
