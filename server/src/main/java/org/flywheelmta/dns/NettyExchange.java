package org.flywheelmta.dns;

import io.netty.buffer.PooledByteBufAllocator;
import io.netty.channel.AddressedEnvelope;
import io.netty.channel.Channel;
import io.netty.channel.epoll.EpollDatagramChannel;
import io.netty.channel.epoll.EpollSocketChannel;
import io.netty.channel.socket.DatagramChannel;
import io.netty.channel.socket.SocketChannel;
import io.netty.channel.socket.nio.NioDatagramChannel;
import io.netty.channel.socket.nio.NioSocketChannel;
import io.netty.channel.uring.IoUringDatagramChannel;
import io.netty.channel.uring.IoUringSocketChannel;
import io.netty.handler.codec.dns.DefaultDnsQuestion;
import io.netty.handler.codec.dns.DnsRecordType;
import io.netty.handler.codec.dns.DnsResponse;
import io.netty.resolver.dns.DnsNameResolver;
import io.netty.resolver.dns.DnsNameResolverBuilder;
import io.netty.resolver.dns.DnsNameResolverChannelStrategy;
import io.netty.resolver.dns.NoopAuthoritativeDnsServerCache;
import io.netty.resolver.dns.NoopDnsCache;
import io.netty.resolver.dns.NoopDnsCnameCache;
import io.netty.util.concurrent.Future;
import io.netty.util.concurrent.Promise;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.function.Consumer;
import org.flywheelmta.base.NonThreadSafe;
import org.flywheelmta.scheduler.IoEngine;
import org.flywheelmta.scheduler.Scheduler;
import org.flywheelmta.scheduler.TimedEvent;
import org.jspecify.annotations.Nullable;

/**
 * Queries over the machine's sockets, by Netty's resolver: random ids, EDNS with {@link
 * #PAYLOAD_OCTETS}, TCP when an answer is truncated. Each query has a socket of its own, so its
 * source port is one that the system has chosen at random, and only an answer that comes to that
 * port with that id counts (RFC 5452).
 *
 * <p>Of Netty's resolver nothing else is used: no cache, no search list, no hosts file.
 */
@NonThreadSafe(checked = true)
public final class NettyExchange implements Exchange {
  /** What fits into a datagram on nearly every path without being fragmented. */
  public static final int PAYLOAD_OCTETS = 1232;

  private final IoEngine engine;
  private final Scheduler home;
  private final long timeoutNanos;
  private final DnsNameResolver resolver;
  private final LinkedHashSet<Query> queries = new LinkedHashSet<>();
  private final LinkedHashSet<Channel> channels = new LinkedHashSet<>();
  // The query whose socket Netty is about to ask for, which it does from within a call.
  private @Nullable Query opening;
  private boolean closed;

  /** Made on {@code home}, whose schedulers have {@code engine}. */
  public NettyExchange(IoEngine engine, Scheduler home, long timeoutNanos) {
    home.check();
    this.engine = engine;
    this.home = home;
    this.timeoutNanos = timeoutNanos;
    this.resolver = resolver();
  }

  private DnsNameResolver resolver() {
    return new DnsNameResolverBuilder(home.loop())
        .datagramChannelFactory(this::datagramChannel)
        .datagramChannelStrategy(DnsNameResolverChannelStrategy.ChannelPerResolution)
        .socketChannelFactory(this::socketChannel, false)
        .queryTimeoutMillis(Math.max(1, timeoutNanos / 1_000_000))
        .maxPayloadSize(PAYLOAD_OCTETS)
        .optResourceEnabled(true)
        .recursionDesired(true)
        .resolveCache(NoopDnsCache.INSTANCE)
        .cnameCache(NoopDnsCnameCache.INSTANCE)
        .authoritativeDnsServerCache(NoopAuthoritativeDnsServerCache.INSTANCE)
        .searchDomains(List.of())
        .ndots(0)
        .build();
  }

  private DatagramChannel datagramChannel() {
    DatagramChannel channel =
        switch (engine) {
          case EPOLL -> new EpollDatagramChannel();
          case IO_URING -> new IoUringDatagramChannel();
          case NIO -> new NioDatagramChannel();
        };
    keep(channel);
    var query = opening;
    if (query != null) {
      channel.pipeline().addLast(new DatagramGuard(query.promise));
    }
    return channel;
  }

  private SocketChannel socketChannel() {
    SocketChannel channel =
        switch (engine) {
          case EPOLL -> new EpollSocketChannel();
          case IO_URING -> new IoUringSocketChannel();
          case NIO -> new NioSocketChannel();
        };
    keep(channel);
    channel.pipeline().addLast(new ConnectionGuard());
    return channel;
  }

  private void keep(Channel channel) {
    channel.config().setAllocator(PooledByteBufAllocator.DEFAULT);
    channels.add(channel);
    var _ = channel.closeFuture().addListener(_ -> channels.remove(channel));
  }

  @Override
  public void query(InetSocketAddress server, Question question, Consumer<Reply> done) {
    home.check();
    if (closed) {
      return;
    }
    var query = new Query(question, done);
    queries.add(query);
    home.arm(query, timeoutNanos);
    opening = query;
    try {
      var _ =
          resolver.query(
              server,
              new DefaultDnsQuestion(
                  question.name() + ".", DnsRecordType.valueOf(question.type().code())),
              List.of(),
              query.promise);
    } catch (IllegalArgumentException unspeakable) {
      query.promise.tryFailure(unspeakable);
    } finally {
      opening = null;
    }
    query.await();
  }

  @Override
  public void close() {
    home.check();
    closed = true;
    for (var query : new ArrayList<>(queries)) {
      query.promise.tryFailure(Unanswered.closed());
    }
    for (var channel : new ArrayList<>(channels)) {
      var _ = channel.close();
    }
    resolver.close();
  }

  /** How many queries are under way and sockets not closed, for tests that count. */
  int underWay() {
    home.check();
    return queries.size() + channels.size();
  }

  /** One query, which is also the event that ends it. */
  private final class Query extends TimedEvent {
    private final Question question;
    private final Consumer<Reply> done;
    private final Promise<AddressedEnvelope<? extends DnsResponse, InetSocketAddress>> promise =
        home.loop().newPromise();

    Query(Question question, Consumer<Reply> done) {
      this.question = question;
      this.done = done;
    }

    void await() {
      var _ = promise.addListener(this::onEnd);
    }

    @Override
    protected void fire(long nowNanos) {
      promise.tryFailure(Unanswered.timedOut());
    }

    private void onEnd(
        Future<? super AddressedEnvelope<? extends DnsResponse, InetSocketAddress>> ended) {
      home.disarm(this);
      queries.remove(this);
      var reply = reply();
      if (!closed) {
        // What fails at once ends within the call.
        home.post(() -> tell(reply));
      }
    }

    private Reply reply() {
      if (promise.isSuccess()) {
        var envelope = promise.getNow();
        try {
          return ReplyReader.read(envelope.content(), question);
        } finally {
          envelope.release();
        }
      }
      return promise.cause() instanceof Unanswered why
          ? why.reply()
          : new Reply.Silence("the query was not sent");
    }

    private void tell(Reply reply) {
      if (!closed) {
        done.accept(reply);
      }
    }
  }
}
