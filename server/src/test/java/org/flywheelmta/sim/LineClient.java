package org.flywheelmta.sim;

import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import java.io.ByteArrayOutputStream;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.function.Consumer;
import org.flywheelmta.base.NonThreadSafe;
import org.flywheelmta.net.Network;
import org.flywheelmta.scheduler.Scheduler;

/** Sends a text in one write and tells, when the connection has ended, all that happened. */
@NonThreadSafe
final class LineClient extends ChannelInboundHandlerAdapter {
  private final String text;
  private final Consumer<String> onEnd;
  private final ByteArrayOutputStream received = new ByteArrayOutputStream();
  private final StringBuilder story = new StringBuilder();

  private LineClient(String text, Consumer<String> onEnd) {
    this.text = text;
    this.onEnd = onEnd;
  }

  static void start(
      Network network,
      Scheduler scheduler,
      InetSocketAddress server,
      String text,
      Consumer<String> onEnd) {
    var client = new LineClient(text, onEnd);
    Channel channel = network.channel(scheduler, server);
    channel.pipeline().addLast(client);
    var _ = scheduler.loop().register(channel);
    var _ =
        channel
            .connect(server)
            .addListener(
                done -> {
                  if (!done.isSuccess()) {
                    onEnd.accept("no connection");
                    var _ = channel.close();
                  }
                });
  }

  @Override
  public void channelActive(ChannelHandlerContext context) {
    story.append("active ");
    var buffer = context.alloc().buffer(text.length());
    buffer.writeCharSequence(text, StandardCharsets.US_ASCII);
    var _ =
        context
            .writeAndFlush(buffer)
            .addListener(done -> story.append(done.isSuccess() ? "written " : "failed "));
    story.append(context.channel().isWritable() ? "writable " : "full ");
    context.fireChannelActive();
  }

  @Override
  public void channelRead(ChannelHandlerContext context, Object message) {
    var buffer = (ByteBuf) message;
    var bytes = new byte[buffer.readableBytes()];
    buffer.readBytes(bytes);
    buffer.release();
    received.writeBytes(bytes);
  }

  @Override
  public void channelInactive(ChannelHandlerContext context) {
    onEnd.accept(story + "inactive\n" + received.toString(StandardCharsets.US_ASCII));
    context.fireChannelInactive();
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
    story.append("reset ");
    var _ = context.close();
  }
}
