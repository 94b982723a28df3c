package org.flywheelmta.net;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import java.net.BindException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import org.flywheelmta.base.MemoryBudget;
import org.flywheelmta.scheduler.Scheduler;
import org.flywheelmta.sim.SimPlatform;
import org.flywheelmta.sim.SimWorld;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Netlisteners: binding, dealing, limits, and their end. */
final class NetlistenerTest {
  private static final long MOMENT = 200_000_000L;
  private static final InetSocketAddress ADDRESS =
      new InetSocketAddress(InetAddress.getLoopbackAddress(), 2525);

  private final SimWorld world = new SimWorld(1, NetlistenerTest.class);
  private final SimPlatform machine = world.machine("server");
  private final Scheduler master = machine.schedulers("master", 1).getFirst();
  private final List<Scheduler> pool = machine.schedulers("events", 2);
  private final List<String> story = new ArrayList<>();
  private final List<Side> accepted = new ArrayList<>();

  /** One side of a connection, which tells what happens to it. */
  private static final class Side implements Closure {
    final Connection connection;
    final Scheduler scheduler;
    final String name;
    boolean closed;

    Side(Connection connection, Scheduler scheduler, String name) {
      this.connection = connection;
      this.scheduler = scheduler;
      this.name = name;
    }

    @Override
    public void onOpen() {
      if (name.equals("refused")) {
        connection.close();
      }
    }

    @Override
    public void onInput(ByteBuf input) {
      input.skipBytes(input.readableBytes());
    }

    @Override
    public void onDeadline() {}

    @Override
    public void onClosed(@Nullable Throwable failure) {
      closed = true;
    }

    void hangUp() {
      scheduler.post(connection::close);
    }
  }

  private Netlistener listener(int sessions) {
    var settings =
        new ListenerSettings("test_listener", "a:1", ADDRESS, 10, sessions, 1024, Long.MAX_VALUE);
    return new Netlistener(
        settings,
        master,
        pool,
        new ConnectionIds(),
        new PausedReads(new MemoryBudget("memory_limit", 1 << 20)),
        (level, text) -> {},
        null);
  }

  private Netlistener.Sessions sessions() {
    return new Netlistener.Sessions() {
      @Override
      public Closure accept(AcceptConstruct construct) {
        var side = new Side(construct, construct.scheduler(), "accepted");
        accepted.add(side);
        story.add("accepted");
        return side;
      }

      @Override
      public Closure refuse(AcceptConstruct construct) {
        story.add("refused");
        return new Side(construct, construct.scheduler(), "refused");
      }
    };
  }

  private void bind(Netlistener listener) {
    master.post(
        () ->
            listener.bind(
                machine.network(),
                address -> story.add("bound " + address.equals(ADDRESS)),
                cause -> story.add("failed " + (cause instanceof BindException))));
    world.run(MOMENT);
  }

  private Side call() {
    var made = new ArrayList<Side>();
    var scheduler = pool.getFirst();
    scheduler.post(
        () ->
            new Connector(machine.network(), new ConnectionIds())
                .connect(
                    scheduler,
                    ADDRESS,
                    1_000_000_000L,
                    1024,
                    connection -> {
                      made.add(new Side(connection, scheduler, "caller"));
                      return made.getFirst();
                    }));
    world.run(MOMENT);
    return made.getFirst();
  }

  private void on(Scheduler scheduler, Runnable task) {
    scheduler.post(task);
    world.run(MOMENT);
  }

  @Test
  void connectionsWaitUntilItIsOpen() {
    var listener = listener(10);
    bind(listener);
    call();
    assertThat(story).containsExactly("bound true");
    on(master, () -> listener.open(sessions()));
    assertThat(story).containsExactly("bound true", "accepted");
    assertThat(listener.connections()).isEqualTo(1);
  }

  @Test
  void takenAddressIsReported() {
    bind(listener(10));
    var second = listener(10);
    bind(second);
    assertThat(story).containsExactly("bound true", "failed true");
    // Whoever gives up closes all of its listeners.
    on(master, second::close);
    assertThat(machine.bytesHeld()).isZero();
  }

  @Test
  void sessionsAboveTheLimitAreRefusedAndComeBackWithRoom() {
    var listener = listener(2);
    bind(listener);
    on(master, () -> listener.open(sessions()));
    var first = call();
    call();
    var third = call();
    assertThat(story).containsExactly("bound true", "accepted", "accepted", "refused");
    assertThat(third.closed).isTrue();
    assertThat(listener.connections()).isEqualTo(2);
    first.hangUp();
    world.run(MOMENT);
    assertThat(listener.connections()).isEqualTo(1);
    call();
    assertThat(story).endsWith("refused", "accepted");
  }

  @Test
  void connectionsAreDealtInTurn() {
    var listener = listener(10);
    bind(listener);
    on(master, () -> listener.open(sessions()));
    for (int i = 0; i < 4; i++) {
      call();
    }
    assertThat(accepted.stream().map(side -> side.scheduler).toList())
        .containsExactly(pool.get(0), pool.get(1), pool.get(0), pool.get(1));
  }

  @Test
  void closeLeavesOpenConnections() {
    var listener = listener(10);
    bind(listener);
    on(master, () -> listener.open(sessions()));
    var open = call();
    on(master, listener::close);
    assertThat(open.closed).isFalse();
    assertThat(listener.connections()).isEqualTo(1);
    assertThat(call().closed).isTrue();
    open.hangUp();
    world.run(MOMENT);
    assertThat(listener.connections()).isZero();
    assertThat(accepted.getFirst().closed).isTrue();
    assertThat(machine.bytesHeld()).isZero();
  }

  @Test
  void refusedAttemptIsTold() {
    var caller = call();
    assertThat(caller.closed).isTrue();
    assertThat(machine.bytesHeld()).isZero();
  }
}
