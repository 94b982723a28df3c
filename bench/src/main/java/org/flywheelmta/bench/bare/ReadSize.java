package org.flywheelmta.bench.bare;

import io.netty.channel.DefaultMaxMessagesRecvByteBufAllocator;

/** How large a buffer the next read of one connection gets. For the connection's loop. */
final class ReadSize extends DefaultMaxMessagesRecvByteBufAllocator {
  private static final int COMMANDS = 512;
  private static final int CONTENT = 16 << 10;
  private static final int MORE_CONTENT = 32 << 10;

  private int next = COMMANDS;

  void commands() {
    next = COMMANDS;
  }

  void content() {
    next = CONTENT;
  }

  void moreContent() {
    next = MORE_CONTENT;
  }

  @Override
  @SuppressWarnings("deprecation")
  public Handle newHandle() {
    return new MaxMessageHandle() {
      @Override
      public int guess() {
        return next;
      }
    };
  }
}
