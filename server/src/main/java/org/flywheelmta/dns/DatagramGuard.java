package org.flywheelmta.dns;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.channel.ChannelDuplexHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelPromise;
import io.netty.channel.socket.DatagramPacket;
import io.netty.util.concurrent.Promise;
import java.util.Arrays;

/**
 * Stands between the socket of one query and Netty's decoder: lets through only what has the id and
 * the question of this query, and only what can be decoded. Of a truncated answer the question
 * alone is let through, which is enough to ask again by TCP.
 */
final class DatagramGuard extends ChannelDuplexHandler {
  private static final int NOTHING_SENT = -1;

  private final Promise<?> query;
  private int id = NOTHING_SENT;
  private byte[] question = {};

  DatagramGuard(Promise<?> query) {
    this.query = query;
  }

  @Override
  public void write(ChannelHandlerContext context, Object message, ChannelPromise written) {
    if (message instanceof DatagramPacket packet) {
      id = id(packet.content());
      question = question(packet.content());
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
    boolean mine = id != NOTHING_SENT && id == id(content);
    boolean good =
        Soundness.isTruncated(content)
            ? Soundness.cutToQuestion(content)
            : Soundness.isSound(content);
    if (mine && good && Arrays.equals(question, question(content))) {
      context.fireChannelRead(packet);
      return;
    }
    packet.release();
    if (mine && !good) {
      query.tryFailure(Unanswered.malformed());
    }
  }

  private static int id(ByteBuf message) {
    return message.readableBytes() < 2
        ? NOTHING_SENT
        : message.getUnsignedShort(message.readerIndex());
  }

  private static byte[] question(ByteBuf message) {
    var found = Soundness.question(message);
    return found == null ? new byte[0] : ByteBufUtil.getBytes(found);
  }
}
