package org.flywheelmta.sim;

import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.function.Consumer;
import org.flywheelmta.base.NonThreadSafe;
import org.flywheelmta.net.Network;
import org.flywheelmta.scheduler.Scheduler;

/**
 * A small server that answers each line with its length and the line, says hello at the beginning
 * and closes after {@code quit}. It runs over sockets and over the simulated network alike, with
 * connections dealt over several schedulers.
 */
@NonThreadSafe
final class LineServer extends ChannelInboundHandlerAdapter {
  private final Network network;
  private final List<Scheduler> schedulers;
  private int dealt;

  private LineServer(Network network, List<Scheduler> schedulers) {
    this.network = network;
    this.schedulers = schedulers;
  }

  /** Listens on the first scheduler and serves on all; {@code onBound} hears where. */
  static void start(
      Network network,
      List<Scheduler> schedulers,
      InetSocketAddress address,
      Consumer<InetSocketAddress> onBound) {
    var master = schedulers.getFirst();
    Channel channel = network.serverChannel(master, address);
    channel.pipeline().addLast(new LineServer(network, schedulers));
    var _ = master.loop().register(channel);
    var _ =
        channel
            .bind(address)
            .addListener(
                done -> {
                  if (done.isSuccess()) {
                    onBound.accept((InetSocketAddress) channel.localAddress());
                  }
                });
  }

  @Override
  public void channelRead(ChannelHandlerContext context, Object message) {
    var child = (Channel) message;
    network.onAccepted(child);
    child.pipeline().addLast(new Lines());
    var _ = schedulers.get(dealt++ % schedulers.size()).loop().register(child);
  }

  private static final class Lines extends ChannelInboundHandlerAdapter {
    private final SmtpInput input = new SmtpInput();

    @Override
    public void channelActive(ChannelHandlerContext context) {
      reply(context, "hello".getBytes(java.nio.charset.StandardCharsets.US_ASCII), false);
      context.fireChannelActive();
    }

    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
      var buffer = (ByteBuf) message;
      input.add(buffer);
      buffer.release();
      while (true) {
        var line = input.line();
        if (line == null) {
          return;
        }
        boolean quit = line.length == 4 && line[0] == 'q';
        reply(context, line, quit);
      }
    }

    private static void reply(ChannelHandlerContext context, byte[] line, boolean last) {
      var buffer = context.alloc().buffer(line.length + 16);
      buffer.writeCharSequence(line.length + " ", java.nio.charset.StandardCharsets.US_ASCII);
      buffer.writeBytes(line).writeByte('\r').writeByte('\n');
      var written = context.writeAndFlush(buffer);
      if (last) {
        var _ = written.addListener(ChannelFutureListener.CLOSE);
      }
    }
  }
}
