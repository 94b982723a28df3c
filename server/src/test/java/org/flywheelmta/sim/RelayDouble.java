package org.flywheelmta.sim;

import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.flywheelmta.base.NonThreadSafe;
import org.flywheelmta.disk.SimDisk;
import org.jspecify.annotations.Nullable;

/**
 * A relay of two scripted peers, with a memory that outlives its crashes: what the judge is tried
 * on. It does one thing wrong when it is told to.
 */
@NonThreadSafe
final class RelayDouble implements ServerUnderTest {
  /** What it does wrong, once. */
  enum Wrong {
    NOTHING,
    LOSES,
    DAMAGES,
    INVENTS,
    REPEATS,
    KEEPS
  }

  private static final long RETRY_SECONDS = 60;

  private final Lives lives;
  private final SimPlatform machine;
  private final InetSocketAddress gateway;
  private boolean sending;

  /** The lives of one relay, with what survives them. */
  static final class Lives implements ServerUnderTest.Start {
    private final Map<Integer, SimMail> waiting = new LinkedHashMap<>();
    private Wrong wrong;
    private int numbers;

    Lives() {
      this(Wrong.NOTHING);
    }

    Lives(Wrong wrong) {
      this.wrong = wrong;
    }

    @Override
    public ServerUnderTest start(
        SimPlatform machine, SimDisk disk, InetSocketAddress listen, InetSocketAddress gateway) {
      var relay = new RelayDouble(this, machine, gateway);
      new SimSmtpSink(machine, listen, SinkScript.well()).onTaken(relay::take);
      var scheduler = machine.schedulers("relay", 1).getFirst();
      var _ =
          scheduler.loop().scheduleAtFixedRate(relay::attempt, 1, RETRY_SECONDS, TimeUnit.SECONDS);
      return relay;
    }
  }

  private RelayDouble(Lives lives, SimPlatform machine, InetSocketAddress gateway) {
    this.lives = lives;
    this.machine = machine;
    this.gateway = gateway;
  }

  @Override
  public void checkInvariants() {
    if (lives.waiting.size() > lives.numbers) {
      throw new AssertionError("more mails wait than were taken on");
    }
  }

  @Override
  public @Nullable Set<String> waitingRecipients() {
    return null;
  }

  @Override
  public void checkAtRest() {
    // It holds nothing that could be counted.
  }

  @Override
  public boolean recovered() {
    return true;
  }

  @Override
  public int waiting() {
    return lives.waiting.size();
  }

  private void take(List<SimSmtpSink.Delivery> taken) {
    boolean whole = lives.wrong == Wrong.NOTHING || taken.isEmpty();
    var first = taken.getFirst();
    var recipients = new ArrayList<String>();
    taken.forEach(delivery -> recipients.add(delivery.recipient()));
    var content = first.content().clone();
    if (!whole) {
      spoil(recipients, content, first.sender());
    }
    if (!recipients.isEmpty()) {
      put(first.sender(), recipients, content);
    }
  }

  private void put(String sender, List<String> recipients, byte[] content) {
    lives.numbers++;
    lives.waiting.put(
        lives.numbers, new SimMail(lives.numbers, sender, List.copyOf(recipients), content));
  }

  private void spoil(List<String> recipients, byte[] content, String sender) {
    switch (lives.wrong) {
      case LOSES -> recipients.removeFirst();
      // A digit of the number in the first line.
      case DAMAGES -> content[12] ^= 1;
      case INVENTS -> recipients.add("m999999.0@example.com");
      case REPEATS -> put(sender, recipients, content);
      case NOTHING, KEEPS -> {}
    }
    if (lives.wrong != Wrong.KEEPS) {
      lives.wrong = Wrong.NOTHING;
    }
  }

  private void attempt() {
    if (sending || lives.waiting.isEmpty() || lives.wrong == Wrong.KEEPS) {
      return;
    }
    sending = true;
    var mails = new ArrayList<>(lives.waiting.values());
    new SimSmtpClient(machine, gateway, new Outcomes())
        .send(
            mails,
            new SimSmtpClient.Manner(machine.world().random().nextBoolean(), 0),
            unsent -> sending = false);
  }

  /** Takes out what the gateway has answered for or refused for ever. */
  @NonThreadSafe
  private final class Outcomes extends Ledger {
    @Override
    public void acknowledge(String recipient) {
      finish(recipient);
    }

    @Override
    public void refuse(String recipient) {
      // Whether for now or for ever is not told here: it tries again.
    }

    private void finish(String recipient) {
      for (var entry : List.copyOf(lives.waiting.entrySet())) {
        var mail = entry.getValue();
        if (mail.recipients().contains(recipient)) {
          var rest = new ArrayList<>(mail.recipients());
          rest.remove(recipient);
          lives.waiting.remove(entry.getKey());
          if (!rest.isEmpty()) {
            lives.waiting.put(
                entry.getKey(),
                new SimMail(mail.number(), mail.sender(), List.copyOf(rest), mail.content()));
          }
          return;
        }
      }
    }
  }
}
