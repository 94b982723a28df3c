package org.flywheelmta.sandbox;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import org.flywheelmta.base.MemoryBudget;
import org.flywheelmta.base.NonThreadSafe;
import org.flywheelmta.base.TransactionId;
import org.flywheelmta.disk.DiskFailure;
import org.flywheelmta.disk.SimDisk;
import org.flywheelmta.intake.IntakeCompletion;
import org.flywheelmta.intake.Reception;
import org.flywheelmta.message.Address;
import org.flywheelmta.message.Content;
import org.flywheelmta.message.Fields;
import org.flywheelmta.scheduler.Scheduler;
import org.flywheelmta.sim.SimPlatform;
import org.flywheelmta.sim.SimWorld;

/** A Maildir on a simulated disk, and a session's side of it. */
@NonThreadSafe
final class MaildirStage {
  static final Path FOLDER = Path.of("/data/sandbox");
  static final MaildirLimits ROOMY = new MaildirLimits(10_000, 1L << 30);

  private static final Content.Shape SHAPE = new Content.Shape(false, false, true);

  final SimWorld world = new SimWorld(1, MaildirStage.class);
  final SimDisk disk;
  final SimPlatform server;
  final Maildir maildir;

  /** What became of each mail, by its number; nothing where it was not answered. */
  final Map<Integer, String> answers = new TreeMap<>();

  final List<String> operatorLines = new ArrayList<>();
  private final Scheduler scheduler;
  private int written;

  private MaildirStage(SimDisk disk, MaildirLimits limits) throws DiskFailure {
    this.disk = disk;
    server = world.machine("server", InetAddress.getLoopbackAddress());
    server.attach(disk);
    scheduler = server.schedulers("events", 1).getFirst();
    maildir =
        Maildir.open(
            FOLDER,
            limits,
            new MemoryBudget("memory_limit", 64L << 20),
            disk,
            server,
            (level, text) -> operatorLines.add(text));
  }

  static MaildirStage on(SimDisk disk, MaildirLimits limits) throws DiskFailure {
    return new MaildirStage(disk, limits);
  }

  static MaildirStage on(SimDisk disk) throws DiskFailure {
    return new MaildirStage(disk, ROOMY);
  }

  /** Mails of one number have one id; greater numbers are later. */
  static Reception reception(int number, String... recipients) {
    var all = new ArrayList<Reception.Recipient>();
    for (var recipient : recipients) {
      all.add(new Reception.Recipient(Address.of(recipient), Fields.NONE));
    }
    return new Reception(
        TransactionId.of(1_700_000_000_000_000L + number, 7, number),
        1,
        0,
        Address.of("a@x.test"),
        Fields.NONE,
        all,
        new Reception.Origin("127.0.0.1:2526", "127.0.0.1:40000"));
  }

  ByteBuf bytes(String text) {
    var octets = text.getBytes(StandardCharsets.UTF_8);
    return server.allocator().directBuffer(Math.max(1, octets.length)).writeBytes(octets);
  }

  private IntakeCompletion answer(int number) {
    return new IntakeCompletion() {
      @Override
      public void onAccepted() {
        answers.merge(number, "yes", String::concat);
      }

      @Override
      public void onDuplicate(TransactionId first) {
        answers.merge(number, "again", String::concat);
      }

      @Override
      public void onRefused(Refusal refusal) {
        answers.merge(number, refusal.toString(), String::concat);
      }
    };
  }

  private static void takeRoom(Maildir maildir, Reception reception) {
    for (var recipient : reception.recipients()) {
      assertThat(maildir.takeRoom(reception.fields(), recipient))
          .as("room for a recipient")
          .isTrue();
    }
  }

  /** Brings a mail whose content is in memory; it is not answered before {@link #settle}. */
  void bring(int number, String text, String... recipients) {
    var reception = reception(number, recipients);
    takeRoom(maildir, reception);
    maildir.accept(reception, new Content(bytes(text), SHAPE, null, 0), scheduler, answer(number));
  }

  /** Brings a mail and waits for what becomes of it. */
  String keep(int number, String text) {
    bring(number, text, "b@y.test");
    settle();
    return answers.getOrDefault(number, "nothing");
  }

  /** Brings a part of a mail. */
  void bringPart(int number, String part) {
    maildir.append(reception(number, "b@y.test"), bytes(part), scheduler, () -> written++);
  }

  /** Brings the end of a mail whose parts were brought. */
  void bringEnd(int number) {
    var reception = reception(number, "b@y.test");
    takeRoom(maildir, reception);
    maildir.acceptAppended(reception, 1, SHAPE, scheduler, answer(number));
  }

  /** How many parts have left memory. */
  int written() {
    return written;
  }

  /** Lets everything happen that is due within a second. */
  void settle() {
    world.run(TimeUnit.SECONDS.toNanos(1));
  }

  void settleSeconds(int seconds) {
    world.run(TimeUnit.SECONDS.toNanos(seconds));
  }

  /** The mails of a folder of the Maildir, by name. */
  List<Path> files(String within) {
    return disk.files().stream().filter(f -> f.startsWith(FOLDER.resolve(within))).toList();
  }

  /** The texts of the mails in {@code new/}, the oldest first, without their envelopes. */
  List<String> texts() {
    return files("new").stream()
        .map(f -> text(f).replaceAll("(?s)^.*?Delivered-To.*?\n", ""))
        .toList();
  }

  String text(Path file) {
    return new String(disk.bytes(file), StandardCharsets.UTF_8);
  }

  /** Nothing that was lent is kept. */
  void checkNothingIsLeft() {
    assertThat(maildir.waitingMails()).as("mails that wait").isZero();
    assertThat(maildir.envelopeBytes()).as("room of recipients").isZero();
    assertThat(server.bytesHeld()).as("bytes of buffers").isZero();
    assertThat(files("tmp")).as("files that are not finished").isEmpty();
  }
}
