package org.flywheelmta.sim;

import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.flywheelmta.base.NonThreadSafe;
import org.flywheelmta.scheduler.Scheduler;
import org.jspecify.annotations.Nullable;

/**
 * A scripted SMTP gateway on the simulated network. It parses strictly: bare CR or LF, commands out
 * of order and data sent before 354 fail the run. It records what it took on and what it refused
 * for ever.
 */
@NonThreadSafe
public final class SimSmtpSink {
  /**
   * One message that the gateway took on for one recipient.
   *
   * @param sender the reverse path, empty for a bounce
   * @param hash as {@link SimMail#hash}
   * @param takenNanos when it was taken on
   * @param transfer how the transaction went
   * @param content all of it, dots removed
   */
  @SuppressWarnings("ArrayRecordComponent") // Deliveries are not compared.
  public record Delivery(
      String sender,
      String recipient,
      long hash,
      long takenNanos,
      Transfer transfer,
      byte[] content) {}

  /**
   * How one transaction went, as only somebody knows who sees both ends. A gateway may take a
   * message on long after its sender is gone, since it has the whole of it and nobody tells it that
   * its answer will not be heard.
   */
  @NonThreadSafe
  public static final class Transfer {
    private final SimChannel channel;
    private final long beganNanos;
    private Flow.@Nullable Mark end;

    /** One whose MAIL has arrived. */
    Transfer(SimChannel channel, long nowNanos) {
      this.channel = channel;
      this.beganNanos = nowNanos;
    }

    /** The reply is on its way, and ends there. */
    void answered() {
      end = channel.readMark();
    }

    /** When the gateway heard of it. */
    long beganNanos() {
      return beganNanos;
    }

    /** When the sender had closed the connection, or died; {@link Actor#NEVER} if it has not. */
    long abandonedNanos() {
      return channel.peer().closedNanos();
    }

    /** When the sender had read the positive reply; {@link Actor#NEVER} if it has not. */
    long heardNanos() {
      return end == null ? Actor.NEVER : end.readNanos();
    }

    @Override
    public String toString() {
      return "began "
          + at(beganNanos)
          + " heard "
          + at(heardNanos())
          + " abandoned "
          + at(abandonedNanos());
    }

    private static String at(long nanos) {
      return nanos == Actor.NEVER ? "never" : Trace.seconds(nanos);
    }
  }

  private final SimPlatform machine;
  private final Scheduler scheduler;
  private final InetSocketAddress address;
  private SinkScript script;
  private final List<Delivery> deliveries = new ArrayList<>();
  private final Map<String, String> refused = new LinkedHashMap<>();
  private final List<String> refusals = new ArrayList<>();
  private final List<Consumer<List<Delivery>>> listeners = new ArrayList<>();
  private final List<Consumer<String>> refusalListeners = new ArrayList<>();
  private final List<SinkSession> open = new ArrayList<>();
  private Runnable watcher = () -> {};
  private @Nullable Channel listening;
  private int sessions;

  /** Listens at {@code address} from now on. */
  public SimSmtpSink(SimPlatform machine, InetSocketAddress address, SinkScript script) {
    this(machine, machine.schedulers("sink", 1).getFirst(), address, script);
  }

  /** One of several on a scheduler. */
  SimSmtpSink(
      SimPlatform machine, Scheduler scheduler, InetSocketAddress address, SinkScript script) {
    this.machine = machine;
    this.scheduler = scheduler;
    this.address = address;
    this.script = script;
    open();
  }

  /** Begins to listen, again after {@link #close}. */
  public void open() {
    Channel channel = machine.network().serverChannel(scheduler, address);
    listening = channel;
    channel.pipeline().addLast(new Acceptor());
    var _ = scheduler.loop().register(channel);
    var _ = channel.bind(address);
  }

  /** Stops listening: attempts are refused; sessions go on. */
  public void close() {
    if (listening != null) {
      var _ = listening.close();
      listening = null;
    }
  }

  /** Behaves so from now on. */
  public void script(SinkScript next) {
    script = next;
  }

  /** Told of each transaction that the gateway takes on, before it says so. */
  public void onTaken(Consumer<List<Delivery>> listener) {
    listeners.add(listener);
  }

  /** Told of each recipient that is refused for good, before the gateway says so. */
  public void onRefused(Consumer<String> listener) {
    refusalListeners.add(listener);
  }

  /** What was taken on, in order. */
  public List<Delivery> deliveries() {
    return deliveries;
  }

  /** The recipients that got a permanent refusal, with its text. */
  public Map<String, String> refused() {
    return refused;
  }

  /** The same, once for each time. */
  List<String> refusals() {
    return refusals;
  }

  /** How many connections were accepted. */
  public int sessions() {
    return sessions;
  }

  /** Told after each connection and each recipient that the gateway accepts. */
  void watch(Runnable told) {
    watcher = told;
  }

  /** The sessions whose other end is open too. */
  List<SinkSession> held() {
    return open.stream().filter(SinkSession::isHeld).toList();
  }

  void onAccepted() {
    watcher.run();
  }

  void onClosed(SinkSession session) {
    open.remove(session);
  }

  SinkScript.Act act(SinkScript.Stage stage, String argument) {
    return script.act(stage, argument, scheduler.nanoTime());
  }

  SimWorld world() {
    return machine.world();
  }

  void take(String sender, List<String> recipients, byte[] content, Transfer transfer) {
    long hash = SimMail.hash(content);
    var taken = new ArrayList<Delivery>();
    for (var recipient : recipients) {
      taken.add(new Delivery(sender, recipient, hash, scheduler.nanoTime(), transfer, content));
    }
    deliveries.addAll(taken);
    listeners.forEach(listener -> listener.accept(taken));
  }

  void refuse(String recipient, String text) {
    refused.put(recipient, text);
    refusals.add(recipient);
    refusalListeners.forEach(listener -> listener.accept(recipient));
  }

  private final class Acceptor extends ChannelInboundHandlerAdapter {
    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
      sessions++;
      var child = (SimChannel) message;
      var session = new SinkSession(SimSmtpSink.this, child);
      open.add(session);
      child.pipeline().addLast(session);
      var _ = scheduler.loop().register(child);
    }
  }
}
