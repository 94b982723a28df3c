package org.flywheelmta.dns;

import io.netty.channel.ChannelDuplexHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelPromise;
import io.netty.channel.socket.DatagramPacket;
import io.netty.util.concurrent.Promise;

/**
 * Stands between the socket of one query and Netty's decoder: lets through only what has the id of
 * this query, and only what can be decoded. Of a truncated answer the question alone is let
 * through, which is enough to ask again by TCP.
 */
final class DatagramGuard extends ChannelDuplexHandler {
  private static final int NOTHING_SENT = -1;

  private final Promise<?> query;
  private int id = NOTHING_SENT;

  DatagramGuard(Promise<?> query) {
    this.query = query;
  }

  @Override
  public void write(ChannelHandlerContext context, Object message, ChannelPromise written) {
    if (message instanceof DatagramPacket packet && packet.content().readableBytes() >= 2) {
      id = packet.content().getUnsignedShort(packet.content().readerIndex());
    }
    var _ = context.write(message, written);
  }

  @Override
  public void channelRead(ChannelHandlerContext context, Object message) {
    if (!(message instanceof DatagramPacket packet)) {
      context.fireChannelRead(message);
      return;
    }
    var content = packet.content();
    boolean mine = content.readableBytes() >= 2 && content.getUnsignedShort(0) == id;
    boolean good =
        mine
            && (Soundness.isTruncated(content)
                ? Soundness.cutToQuestion(content)
                : Soundness.isSound(content));
    if (good) {
      context.fireChannelRead(packet);
      return;
    }
    packet.release();
    if (mine) {
      query.tryFailure(Unanswered.malformed());
    }
  }
}
