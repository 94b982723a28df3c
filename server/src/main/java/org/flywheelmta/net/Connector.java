package org.flywheelmta.net;

import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelOption;
import java.net.InetSocketAddress;
import java.util.function.Function;
import org.flywheelmta.base.ConcurrentThreadSafe;
import org.flywheelmta.scheduler.Scheduler;

/** Opens outbound connections for any protocol. */
@ConcurrentThreadSafe
public final class Connector {
  private final Network network;
  private final ConnectionIds ids;

  /** Opens connections through {@code network}, numbered by {@code ids}. */
  public Connector(Network network, ConnectionIds ids) {
    this.network = network;
    this.ids = ids;
  }

  /**
   * Connects from the scheduler that will own the connection.
   *
   * @param timeoutNanos for the connection to come about
   * @param inputLimitBytes how much unread input is gathered before reading pauses
   * @param closures makes the closure of the connection, which learns of success by {@link
   *     Closure#onOpen} and of failure by {@link Closure#onClosed}
   */
  public void connect(
      Scheduler scheduler,
      InetSocketAddress remote,
      long timeoutNanos,
      int inputLimitBytes,
      Function<Connection, Closure> closures) {
    scheduler.check();
    var channel = network.channel(scheduler, remote);
    channel
        .config()
        .setOption(
            ChannelOption.CONNECT_TIMEOUT_MILLIS,
            Math.clamp(timeoutNanos / 1_000_000, 1, Integer.MAX_VALUE));
    var connection = new Connection(scheduler, channel, ids.next(), inputLimitBytes);
    connection.begin(closures.apply(connection));
    var _ =
        scheduler
            .loop()
            .register(channel)
            .addListener(
                (ChannelFuture registered) -> {
                  if (!registered.isSuccess()) {
                    connection.onRefused(registered.cause());
                    return;
                  }
                  var _ =
                      channel
                          .connect(remote)
                          .addListener(
                              (ChannelFuture connected) -> {
                                if (!connected.isSuccess()) {
                                  connection.onRefused(connected.cause());
                                }
                              });
                });
  }
}
