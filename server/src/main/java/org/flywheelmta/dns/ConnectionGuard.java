package org.flywheelmta.dns;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.CorruptedFrameException;
import io.netty.handler.codec.LengthFieldBasedFrameDecoder;
import java.nio.channels.ClosedChannelException;
import org.jspecify.annotations.Nullable;

/**
 * Stands between a TCP connection and Netty's decoder: gathers a whole message (RFC 7766 section
 * 8), lets it through when it can be decoded, and makes the end of the connection a failure, so
 * that nobody waits for what no longer comes.
 */
final class ConnectionGuard extends LengthFieldBasedFrameDecoder {
  private static final int LENGTH_OCTETS = 2;
  private static final int MOST_OCTETS = LENGTH_OCTETS + 0xffff;

  ConnectionGuard() {
    super(MOST_OCTETS, 0, LENGTH_OCTETS);
  }

  @Override
  protected @Nullable Object decode(ChannelHandlerContext context, ByteBuf in) throws Exception {
    if (!(super.decode(context, in) instanceof ByteBuf message)) {
      return null;
    }
    if (Soundness.isSound(message.slice(LENGTH_OCTETS, message.readableBytes() - LENGTH_OCTETS))) {
      return message;
    }
    message.release();
    throw new CorruptedFrameException("a message that cannot be decoded");
  }

  @Override
  public void channelInactive(ChannelHandlerContext context) throws Exception {
    super.channelInactive(context);
    context.fireExceptionCaught(new ClosedChannelException());
  }
}
