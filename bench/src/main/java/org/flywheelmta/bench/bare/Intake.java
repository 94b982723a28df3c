package org.flywheelmta.bench.bare;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import org.jspecify.annotations.Nullable;

/**
 * The server's side of one session: HELO, EHLO, MAIL, RCPT, DATA, RSET, NOOP and QUIT. Belongs to
 * the loop of its connection, which its forwarder has counted it for.
 */
final class Intake extends ChannelInboundHandlerAdapter {
  private static final Wording GREETING = Wording.of("220 bare.test ESMTP\r\n");
  private static final Wording EXTENSIONS =
      Wording.of("250-bare.test\r\n250-PIPELINING\r\n250-8BITMIME\r\n250 SIZE 67108864\r\n");
  private static final Wording OK = Wording.of("250 OK\r\n");
  private static final Wording GO_AHEAD = Wording.of("354 go ahead\r\n");
  private static final Wording BYE = Wording.of("221 bye\r\n");
  private static final Wording UNKNOWN = Wording.of("500 not known here\r\n");
  private static final Wording OUT_OF_ORDER = Wording.of("503 out of order\r\n");
  private static final Wording DATA_COMMAND = Wording.of("DATA\r\n");
  private static final int ENVELOPE_OCTETS = 256;

  private enum State {
    COMMANDS,
    WAITING_FOR_ROOM,
    CONTENT,
    COMMITTING
  }

  private final Forwarder forwarder;
  private final Committer committer;
  private final ReadSize readSize;
  private final DataEnd dataEnd = new DataEnd();
  private State state = State.COMMANDS;
  private @Nullable ChannelHandlerContext context;

  /** What came and was not looked at yet: the beginning of a line, or commands sent ahead. */
  private @Nullable ByteBuf kept;

  private @Nullable ByteBuf envelope;
  private int commands;
  private @Nullable Letter letter;

  Intake(Forwarder forwarder, Committer committer, ReadSize readSize) {
    this.forwarder = forwarder;
    this.committer = committer;
    this.readSize = readSize;
  }

  Forwarder forwarder() {
    return forwarder;
  }

  @Override
  public void channelActive(ChannelHandlerContext context) {
    this.context = context;
    var _ = context.writeAndFlush(GREETING.once(), context.voidPromise());
  }

  @Override
  public void channelRead(ChannelHandlerContext context, Object message) {
    var input = (ByteBuf) message;
    if (kept != null) {
      input = kept.writeBytes(input);
      ((ByteBuf) message).release();
      kept = null;
    }
    advance(context, input);
  }

  /** Takes the input over and goes as far as it leads. */
  private void advance(ChannelHandlerContext context, ByteBuf input) {
    try {
      boolean goesOn = true;
      while (goesOn && input.isReadable()) {
        goesOn =
            switch (state) {
              case COMMANDS -> command(context, input);
              case CONTENT -> content(context, input);
              case WAITING_FOR_ROOM, COMMITTING -> false;
            };
      }
      if (input.isReadable() && context.channel().isActive()) {
        keep(context, input);
      }
    } finally {
      input.release();
    }
  }

  private void keep(ChannelHandlerContext context, ByteBuf input) {
    int limit = state == State.COMMANDS ? Limits.COMMAND_LINE : Limits.AHEAD;
    if (input.readableBytes() > limit) {
      var _ = context.close();
      return;
    }
    kept = context.alloc().heapBuffer(input.readableBytes()).writeBytes(input);
  }

  private boolean command(ChannelHandlerContext context, ByteBuf input) {
    int begin = input.readerIndex();
    int end = input.indexOf(begin, input.writerIndex(), (byte) '\n') + 1;
    if (end == 0) {
      return false;
    }
    input.readerIndex(end);
    int length = end - begin;
    // The first four octets in capital letters; they name each command that is known here.
    int verb = length < 6 ? 0 : input.getInt(begin) & 0xdfdfdfdf;
    switch (verb) {
      case Verb.EHLO -> reply(context, EXTENSIONS);
      case Verb.MAIL -> mail(context, input, begin, length);
      case Verb.RCPT -> recipient(context, input, begin, length);
      case Verb.DATA -> data(context);
      case Verb.HELO, Verb.NOOP -> reply(context, OK);
      case Verb.RSET -> {
        forgetEnvelope();
        reply(context, OK);
      }
      case Verb.QUIT -> {
        var _ = context.writeAndFlush(BYE.once()).addListener(ChannelFutureListener.CLOSE);
        return false;
      }
      default -> reply(context, UNKNOWN);
    }
    return true;
  }

  private static void reply(ChannelHandlerContext context, Wording wording) {
    var _ = context.writeAndFlush(wording.once(), context.voidPromise());
  }

  private void mail(ChannelHandlerContext context, ByteBuf input, int begin, int length) {
    forgetEnvelope();
    envelope =
        context
            .alloc()
            .directBuffer(Math.max(length, ENVELOPE_OCTETS))
            .writeBytes(input, begin, length);
    commands = 1;
    reply(context, OK);
  }

  private void recipient(ChannelHandlerContext context, ByteBuf input, int begin, int length) {
    if (envelope == null || commands > Limits.RECIPIENTS) {
      reply(context, OUT_OF_ORDER);
      return;
    }
    envelope.writeBytes(input, begin, length);
    commands++;
    reply(context, OK);
  }

  private void data(ChannelHandlerContext context) {
    if (envelope == null || commands < 2) {
      reply(context, OUT_OF_ORDER);
      return;
    }
    envelope.writeBytes(DATA_COMMAND.once());
    letter = new Letter(this, envelope, commands + 1);
    envelope = null;
    if (forwarder.hasRoom()) {
      goAhead(context);
    } else {
      state = State.WAITING_FOR_ROOM;
      forwarder.awaitRoom(this);
    }
  }

  private void goAhead(ChannelHandlerContext context) {
    state = State.CONTENT;
    readSize.content();
    reply(context, GO_AHEAD);
  }

  /** There is room again for the content of one more letter. */
  void onRoom() {
    if (state == State.WAITING_FOR_ROOM && context != null) {
      goAhead(context);
      goOn(context);
    }
  }

  private boolean content(ChannelHandlerContext context, ByteBuf input) {
    var growing = letter;
    if (growing == null) {
      throw new IllegalStateException("content without a letter");
    }
    int end = dataEnd.find(input);
    int length = (end == DataEnd.NONE ? input.writerIndex() : end) - input.readerIndex();
    growing.add(input.readRetainedSlice(length));
    if (growing.length() > Limits.MAIL) {
      var _ = context.close();
      return false;
    }
    if (end == DataEnd.NONE) {
      if (!input.isWritable()) {
        readSize.moreContent();
      }
      return false;
    }
    state = State.COMMITTING;
    readSize.commands();
    letter = null;
    forwarder.hold(growing);
    committer.offer(growing);
    return false;
  }

  /** The letter is safe. */
  void onCommitted() {
    state = State.COMMANDS;
    if (context == null) {
      forwarder.onSessionEnd();
    } else {
      reply(context, OK);
      goOn(context);
    }
  }

  private void goOn(ChannelHandlerContext context) {
    var input = kept;
    if (input != null) {
      kept = null;
      advance(context, input);
    }
  }

  private void forgetEnvelope() {
    if (envelope != null) {
      envelope.release();
      envelope = null;
    }
  }

  @Override
  public void channelInactive(ChannelHandlerContext context) {
    forgetEnvelope();
    if (letter != null) {
      letter.release();
      letter = null;
    }
    if (kept != null) {
      kept.release();
      kept = null;
    }
    this.context = null;
    // A letter that is being committed keeps the place of its session until it comes back.
    if (state != State.COMMITTING) {
      forwarder.onSessionEnd();
    }
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
    var _ = context.close();
  }
}
