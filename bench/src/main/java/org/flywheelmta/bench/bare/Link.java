package org.flywheelmta.bench.bare;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The client's side of one kept connection to a server with PIPELINING (RFC 2920). An envelope is
 * one write; after the 354 the content follows, and with it the envelope of another letter that
 * waits. Belongs to the loop of its forwarder.
 */
final class Link extends ChannelInboundHandlerAdapter {
  private static final Wording HELLO = Wording.of("EHLO bare.test\r\n");
  private static final int GREETING = 220;
  private static final int DONE = 250;
  private static final int GO_AHEAD = 354;
  private static final int CODE_LENGTH = 3;

  private enum State {
    CONNECTING,
    GREETED,
    READY,
    GONE
  }

  private final Forwarder forwarder;
  private State state = State.CONNECTING;
  private @Nullable ChannelHandlerContext context;

  /** The beginning of a reply's line. */
  private @Nullable ByteBuf kept;

  /** Its content is written and not replied to. */
  private @Nullable Letter sent;

  /** Its envelope is written, and so many replies to it are missing. */
  private @Nullable Letter ahead;

  private int missing;

  Link(Forwarder forwarder) {
    this.forwarder = forwarder;
  }

  /** Begins the transaction; only when idle. */
  void send(Letter letter) {
    var to = open();
    begin(to, letter);
    to.flush();
  }

  /** The connection was not made. */
  void onRefused() {
    gone();
  }

  void close() {
    if (context != null) {
      var _ = context.close();
    }
  }

  private ChannelHandlerContext open() {
    if (context == null) {
      throw new IllegalStateException("the link is not open");
    }
    return context;
  }

  private void begin(ChannelHandlerContext to, Letter letter) {
    ahead = letter;
    missing = letter.commands();
    var _ = to.write(letter.envelope().retain(), to.voidPromise());
  }

  private void content(ChannelHandlerContext to, Letter letter) {
    sent = letter;
    ahead = null;
    for (var part : letter.parts()) {
      var _ = to.write(part.retain(), to.voidPromise());
    }
    var next = forwarder.next();
    if (next != null) {
      begin(to, next);
    }
    to.flush();
  }

  @Override
  public void channelActive(ChannelHandlerContext context) {
    this.context = context;
  }

  @Override
  public void channelRead(ChannelHandlerContext context, Object message) {
    var input = (ByteBuf) message;
    if (kept != null) {
      input = kept.writeBytes(input);
      ((ByteBuf) message).release();
      kept = null;
    }
    try {
      int end = input.indexOf(input.readerIndex(), input.writerIndex(), (byte) '\n') + 1;
      while (end > 0 && state != State.GONE) {
        line(context, input, end - input.readerIndex());
        input.readerIndex(end);
        end = input.indexOf(end, input.writerIndex(), (byte) '\n') + 1;
      }
      if (input.readableBytes() > Limits.REPLY_LINE) {
        var _ = context.close();
      } else if (input.isReadable() && state != State.GONE) {
        kept = context.alloc().heapBuffer(input.readableBytes()).writeBytes(input);
      }
    } finally {
      input.release();
    }
  }

  private void line(ChannelHandlerContext context, ByteBuf input, int length) {
    int at = input.readerIndex();
    if (length > CODE_LENGTH && input.getByte(at + CODE_LENGTH) == '-') {
      return;
    }
    int code = 0;
    for (int i = 0; i < Math.min(CODE_LENGTH, length); i++) {
      code = 10 * code + input.getByte(at + i) - '0';
    }
    if (!reply(context, code)) {
      var _ = context.close();
    }
  }

  /** False where the reply is another than the transaction needs. */
  private boolean reply(ChannelHandlerContext context, int code) {
    return switch (state) {
      case CONNECTING -> {
        state = State.GREETED;
        var _ = context.writeAndFlush(HELLO.once(), context.voidPromise());
        yield code == GREETING;
      }
      case GREETED -> {
        if (code == DONE) {
          state = State.READY;
          forwarder.onReady(this);
        }
        yield code == DONE;
      }
      case READY -> transaction(context, code);
      case GONE -> true;
    };
  }

  private boolean transaction(ChannelHandlerContext context, int code) {
    if (sent != null) {
      if (code != DONE) {
        return false;
      }
      forwarder.onDelivered(sent);
      sent = null;
      if (ahead == null) {
        forwarder.onIdle(this);
      }
      return true;
    }
    if (ahead == null) {
      return false;
    }
    missing--;
    if (missing > 0) {
      return code == DONE;
    }
    if (code == GO_AHEAD) {
      content(context, ahead);
    }
    return code == GO_AHEAD;
  }

  @Override
  public void channelInactive(ChannelHandlerContext context) {
    gone();
  }

  private void gone() {
    boolean wasReady = state == State.READY;
    state = State.GONE;
    context = null;
    if (kept != null) {
      kept.release();
      kept = null;
    }
    List<Letter> undelivered = new ArrayList<>();
    if (sent != null) {
      undelivered.add(sent);
    }
    if (ahead != null) {
      undelivered.add(ahead);
    }
    sent = null;
    ahead = null;
    forwarder.onLost(this, wasReady, undelivered);
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
    var _ = context.close();
  }
}
