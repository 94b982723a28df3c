package org.flywheelmta.net;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.socket.DuplexChannel;
import io.netty.handler.ssl.SslCloseCompletionEvent;
import io.netty.handler.ssl.SslHandshakeCompletionEvent;
import java.io.IOException;
import java.net.SocketAddress;
import org.flywheelmta.base.Check;
import org.flywheelmta.base.NonThreadSafe;
import org.flywheelmta.event.Tls;
import org.flywheelmta.scheduler.Scheduler;
import org.flywheelmta.scheduler.TimedEvent;
import org.jspecify.annotations.Nullable;

/**
 * One open connection and the input that its closure has not dealt with. It lives on one scheduler.
 *
 * <p>Input is offered in place from the receive buffer; only what a closure leaves behind is
 * gathered with what comes next, up to {@code inputLimitBytes}, above which reading pauses until it
 * has dealt with some. Output is flushed by {@link #flush}, and by itself at the end of each pass
 * over input.
 */
@NonThreadSafe(checked = true)
public class Connection {
  /** How long a peer may take to read the last words of a connection that is closing. */
  static final long CLOSING_NANOS = 10_000_000_000L;

  // Unread input that fills less than this part of its buffer is copied out of it.
  private static final int SPARSE = 4;

  final Scheduler scheduler;
  private final Channel channel;
  private final long id;
  private final int inputLimitBytes;
  private final Deadline deadline = new Deadline();
  private @Nullable Closure closure;
  private @Nullable ByteBuf unread;
  private boolean suspended;
  private boolean listensWhileBlocked;
  private boolean offering;
  private boolean flushPending;
  private boolean closing;
  private boolean closed;
  private long keptBytes;
  private @Nullable Throwable failure;
  private @Nullable TlsLayer tls;

  Connection(Scheduler scheduler, Channel channel, long id, int inputLimitBytes) {
    this.scheduler = scheduler;
    this.channel = channel;
    this.id = id;
    this.inputLimitBytes = inputLimitBytes;
  }

  /** Gives the connection its closure; the first thing that happens to it. */
  final void begin(Closure newClosure) {
    Check.that(closure == null, "a connection was given two closures");
    closure = newClosure;
    channel.pipeline().addLast(new Inbound());
  }

  /** The scheduler that it lives on. */
  public final Scheduler scheduler() {
    scheduler.check();
    return scheduler;
  }

  /** Unique among the connections of a run of the server. */
  public final long id() {
    scheduler.check();
    return id;
  }

  /** The other side. */
  public final SocketAddress peer() {
    scheduler.check();
    return channel.remoteAddress();
  }

  /** Our side. */
  public final SocketAddress local() {
    scheduler.check();
    return channel.localAddress();
  }

  /** Where buffers for output come from. */
  public final ByteBufAllocator allocator() {
    scheduler.check();
    return channel.alloc();
  }

  /**
   * Secures the connection by TLS. What was read and not dealt with is dropped, what was written
   * before still leaves in clear. The closure hears of nothing but its deadline until {@link
   * Closure#onSecure}, and what it writes before that is dropped; a handshake that fails closes the
   * connection, with a {@link TlsFailure}. How long it may take is the deadline's to say.
   */
  public final void secure(TlsHandshake handshake) {
    scheduler.check();
    if (closed || closing) {
      handshake.end();
      return;
    }
    Check.that(tls == null, "a connection is secured twice");
    flush();
    if (unread != null) {
      // Not released: whoever is asked to deal with it may look at it once more.
      unread.skipBytes(unread.readableBytes());
    }
    var layer = new TlsLayer(channel, handshake);
    tls = layer;
    try {
      layer.begin(scheduler);
    } catch (RuntimeException fault) {
      layer.end();
      throw fault;
    }
  }

  /** How the connection is secured; null for one in clear, and during the handshake. */
  public final @Nullable Tls tls() {
    scheduler.check();
    return tls == null ? null : tls.details();
  }

  private boolean securing() {
    return tls != null && tls.securing();
  }

  /**
   * Queues output; one reference passes to the connection. During a handshake there is nobody to
   * tell anything, and it is dropped.
   */
  public final void write(ByteBuf output) {
    scheduler.check();
    if (closed || securing()) {
      output.release();
      return;
    }
    flushPending = true;
    var _ = channel.write(output, channel.voidPromise());
  }

  /** Sends what was written. Not needed from within {@link Closure#onInput}. */
  public final void flush() {
    scheduler.check();
    if (flushPending && !closed) {
      flushPending = false;
      channel.flush();
    }
  }

  /** False while more than the high-water mark of output waits for the peer to read. */
  public final boolean writable() {
    scheduler.check();
    return channel.isWritable();
  }

  /**
   * Holds input back: {@link Closure#onInput} is not called until {@link #resume}. Reading pauses
   * once the limit of unread input is reached.
   */
  public final void suspend() {
    scheduler.check();
    suspended = true;
  }

  /**
   * Offers input also while the connection is not {@link #writable}: for a client, which a server
   * may answer before it has read everything. What the closure says must not grow with what it
   * hears.
   */
  public final void listenWhileBlocked() {
    scheduler.check();
    listensWhileBlocked = true;
  }

  /** Ends a suspension: unread input is offered at once, unless the caller is inside onInput. */
  public final void resume() {
    scheduler.check();
    suspended = false;
    offer();
  }

  /** True between {@link #suspend} and {@link #resume}. */
  public final boolean suspended() {
    scheduler.check();
    return suspended;
  }

  /**
   * Calls {@link Closure#onDeadline} after {@code delayNanos}, in place of any earlier deadline.
   */
  public final void deadline(long delayNanos) {
    scheduler.check();
    if (!closed && !closing) {
      deadline.set(delayNanos);
    }
  }

  /** Takes the deadline back. */
  public final void noDeadline() {
    scheduler.check();
    if (!closing) {
      deadline.clear();
    }
  }

  /**
   * Closes after everything written has been sent; no more input is offered. What the peer still
   * sends is read and dropped until it closes too, for at most {@link #CLOSING_NANOS}: a socket
   * that is closed with unread input resets the connection, and the peer may lose our last words.
   */
  public final void close() {
    scheduler.check();
    if (securing()) {
      abort();
    } else if (beginClosing()) {
      var _ =
          channel
              .writeAndFlush(Unpooled.EMPTY_BUFFER)
              .addListener((ChannelFuture sent) -> finishOutput(sent.isSuccess()));
      readWhileThereIsRoom();
    }
  }

  /**
   * Closes after everything written has been sent, without waiting for the peer: for one that has
   * said its last word. One that went on speaking all the same is closed as by {@link #close}.
   */
  public final void finish() {
    scheduler.check();
    if (securing() || (unread != null && unread.isReadable())) {
      close();
    } else if (beginClosing()) {
      var _ = channel.writeAndFlush(Unpooled.EMPTY_BUFFER).addListener(ChannelFutureListener.CLOSE);
    }
  }

  private boolean beginClosing() {
    if (closing || closed) {
      return false;
    }
    closing = true;
    flushPending = false;
    deadline.set(CLOSING_NANOS);
    return true;
  }

  private void finishOutput(boolean sent) {
    if (sent && channel instanceof DuplexChannel duplex && channel.isActive()) {
      if (tls == null) {
        endOutput(duplex);
      } else {
        tls.closeOutput(() -> endOutput(duplex));
      }
    } else {
      var _ = channel.close();
    }
  }

  private static void endOutput(DuplexChannel channel) {
    var _ = channel.shutdownOutput();
  }

  /**
   * Runs what a session does outside of the calls to its closure, such as when an answer has come:
   * a bug in it costs this connection and no more.
   */
  public final void run(Runnable continuation) {
    scheduler.check();
    try {
      continuation.run();
    } catch (RuntimeException fault) {
      onFailure(fault);
    }
  }

  /** Closes at once; what was not sent is dropped. */
  public final void abort() {
    scheduler.check();
    closing = true;
    if (tls == null) {
      var _ = channel.close();
    } else {
      tls.abort();
    }
  }

  /** True once it is closed or closing: writes are pointless. */
  public final boolean closed() {
    scheduler.check();
    return closed || closing;
  }

  private Closure closure() {
    var current = closure;
    if (current == null) {
      throw Check.bug("a connection without a closure");
    }
    return current;
  }

  private void onBytes(ByteBuf bytes) {
    var kept = unread;
    // With io_uring a read that was under way may end after the channel was closed.
    if (closing || closed || !channel.isOpen()) {
      bytes.release();
    } else if (kept == null || !kept.isReadable()) {
      if (kept != null) {
        kept.release();
      }
      unread = bytes;
      offer();
    } else {
      unread = gather(kept, bytes);
      offer();
    }
  }

  /** Both in one buffer; the references to both are used up. */
  private ByteBuf gather(ByteBuf kept, ByteBuf bytes) {
    try {
      if (kept.refCnt() == 1 && kept.maxFastWritableBytes() >= bytes.readableBytes()) {
        return kept.writeBytes(bytes);
      }
      int size = kept.readableBytes() + bytes.readableBytes();
      var both = channel.alloc().buffer(size);
      both.writeBytes(kept, kept.readerIndex(), kept.readableBytes()).writeBytes(bytes);
      kept.release();
      return both;
    } finally {
      bytes.release();
    }
  }

  /** Offers unread input until the closure takes no more of it. */
  private void offer() {
    if (offering) {
      return;
    }
    offering = true;
    try {
      while (mayOffer() && unread != null && unread.isReadable()) {
        int before = unread.readableBytes();
        closure().onInput(unread);
        if (unread == null || unread.readableBytes() == before) {
          break;
        }
      }
    } catch (RuntimeException fault) {
      onFailure(fault);
    } finally {
      offering = false;
    }
    keepUnread();
    countUnread();
    if (!channel.isWritable()) {
      flush();
    }
    readWhileThereIsRoom();
  }

  /** A peer that does not read its replies is not listened to either, but where that was said. */
  private boolean hears() {
    return listensWhileBlocked || channel.isWritable();
  }

  private boolean mayOffer() {
    return !suspended && !closing && !closed && !securing() && hears();
  }

  /**
   * Gives the receive buffer back: what is left of it, if little, moves to a buffer of its size.
   */
  private void keepUnread() {
    var left = unread;
    if (left == null) {
      return;
    }
    int readable = left.readableBytes();
    if (readable == 0) {
      left.release();
      unread = null;
    } else if (readable < left.capacity() / SPARSE) {
      unread = channel.alloc().buffer(readable).writeBytes(left);
      left.release();
    }
  }

  /** Counts what is kept until the next read, by capacity. */
  private void countUnread() {
    var kept = unread;
    long bytes = kept == null ? 0 : kept.capacity();
    if (bytes != keptBytes) {
      long before = keptBytes;
      keptBytes = bytes;
      onKept(before, bytes);
    }
  }

  private void readWhileThereIsRoom() {
    if (closed) {
      return;
    }
    boolean room = unread == null || unread.readableBytes() < inputLimitBytes;
    boolean read = closing || (room && hears() && mayRead());
    if (read != channel.config().isAutoRead()) {
      channel.config().setAutoRead(read);
    }
  }

  private void onHandshake(SslHandshakeCompletionEvent event) {
    var layer = tls;
    if (layer == null || closed || closing) {
      return;
    }
    var broken = layer.onHandshake(event);
    if (broken != null) {
      if (failure == null) {
        failure = broken;
      }
      closing = true;
      // Not yet: the engine says why by an alert, and that only after this call.
      scheduler.post(this::abort);
      return;
    }
    var details = layer.details();
    if (details != null) {
      run(() -> closure().onSecure(details));
      flush();
      offer();
    }
  }

  /** The peer says no more: as if it had closed its socket, which it may not do by itself. */
  private void onPeerClosed() {
    if (!closing && !closed) {
      closing = true;
      deadline.set(CLOSING_NANOS);
      var _ = channel.close();
    }
  }

  /** A reset by the peer, or a bug in the session: either costs this connection and no other. */
  private void onFailure(Throwable cause) {
    if (failure == null) {
      failure = cause;
      if (!(cause instanceof IOException) && !closed) {
        closure().onFault(cause);
      }
    }
    close();
    if (cause instanceof IOException) {
      abort();
    }
  }

  /** It never came to a connection. */
  final void onRefused(Throwable cause) {
    if (failure == null) {
      failure = cause;
    }
    var _ = channel.close();
    onInactive();
  }

  private void onInactive() {
    if (closed) {
      return;
    }
    closed = true;
    deadline.end();
    if (tls != null) {
      tls.end();
    }
    if (unread != null) {
      unread.release();
      unread = null;
    }
    countUnread();
    try {
      closure().onClosed(failure);
    } finally {
      onGone();
    }
  }

  /** The connection is gone and its closure knows; for limits that it took. */
  void onGone() {}

  /** The capacity of unread input that is kept has changed. */
  void onKept(long fromBytes, long toBytes) {}

  /** Whether more may be read now; whoever says no calls {@link #readOn} later. */
  boolean mayRead() {
    return true;
  }

  /** The peer begins or ceases to read what it is sent. */
  void onWritability(boolean writable) {}

  /** Reads again, if nothing else is in the way. */
  final void readOn() {
    readWhileThereIsRoom();
  }

  /** The Netty side. */
  private final class Inbound extends ChannelInboundHandlerAdapter {
    @Override
    public void channelActive(ChannelHandlerContext context) {
      closure().onOpen();
      flush();
      // Before the first read, which follows by itself.
      readWhileThereIsRoom();
    }

    @Override
    public void channelRead(ChannelHandlerContext context, Object bytes) {
      onBytes((ByteBuf) bytes);
    }

    @Override
    public void channelReadComplete(ChannelHandlerContext context) {
      flush();
    }

    @Override
    public void channelWritabilityChanged(ChannelHandlerContext context) {
      onWritability(channel.isWritable());
      if (channel.isWritable() && !closed && !securing()) {
        run(closure()::onWritable);
        offer();
      }
    }

    @Override
    public void channelInactive(ChannelHandlerContext context) {
      onInactive();
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext context, Object event) {
      switch (event) {
        case SslHandshakeCompletionEvent handshake -> onHandshake(handshake);
        case SslCloseCompletionEvent _ -> onPeerClosed();
        default -> context.fireUserEventTriggered(event);
      }
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
      onFailure(tls == null ? cause : TlsLayer.told(cause));
    }
  }

  /**
   * The one deadline. It is moved far more often than it passes, so an armed event is left where it
   * is when the deadline moves back, and armed anew when it fires too early.
   */
  private final class Deadline extends TimedEvent {
    private long atNanos;
    private long armedForNanos;
    private boolean set;

    void set(long delayNanos) {
      long now = scheduler.nanoTime();
      atNanos = now + delayNanos;
      set = true;
      if (!armed() || armedForNanos - atNanos > 0) {
        armedForNanos = atNanos;
        scheduler.arm(this, delayNanos);
      }
    }

    void clear() {
      // The event stays armed: it comes to nothing, and mostly the next deadline finds it there.
      set = false;
    }

    void end() {
      set = false;
      scheduler.disarm(this);
    }

    @Override
    protected void fire(long nowNanos) {
      if (!set) {
        return;
      }
      long left = atNanos - scheduler.nanoTime();
      if (left > 0) {
        armedForNanos = atNanos;
        scheduler.arm(this, left);
        return;
      }
      set = false;
      if (closing) {
        abort();
        return;
      }
      run(closure()::onDeadline);
      flush();
    }
  }
}
