package org.flywheelmta.smtp;

import io.netty.buffer.ByteBuf;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import org.flywheelmta.base.Check;
import org.flywheelmta.base.ConcurrentThreadSafe;
import org.flywheelmta.config.Listen;
import org.flywheelmta.config.Scope;
import org.flywheelmta.net.AcceptConstruct;
import org.flywheelmta.net.Closure;
import org.flywheelmta.net.Netlistener;
import org.jspecify.annotations.Nullable;

/** Makes the sessions of one SMTP listener. */
@ConcurrentThreadSafe
public final class SmtpSessions implements Netlistener.Sessions {
  private final SmtpRoom room;
  private final Listen listen;
  private final String hostname;
  private final long largestBytes;
  private final SmtpPolicy common;

  SmtpSessions(SmtpRoom room, Listen listen, String hostname) {
    this.room = room;
    this.listen = listen;
    this.hostname = hostname;
    this.largestBytes = room.taker().largestBytes();
    this.common = SmtpOptions.policy(listen.scope(), hostname, largestBytes);
  }

  @Override
  public Closure accept(AcceptConstruct construct) {
    var address = construct.peer();
    var client = new Client(listen.address(), address, policy(address));
    var session = new SmtpSession(construct, room, client);
    room.opened(session);
    return session;
  }

  private SmtpPolicy policy(SocketAddress peer) {
    var scope = scope(peer);
    return scope == listen.scope() ? common : SmtpOptions.policy(scope, hostname, largestBytes);
  }

  private Scope scope(SocketAddress peer) {
    return peer instanceof InetSocketAddress internet
        ? listen.scopeFor(internet.getAddress().getAddress())
        : listen.scope();
  }

  @Override
  public Closure refuse(AcceptConstruct construct) {
    return new Refusal(construct);
  }

  /** Tells a client that it is one too many, and closes. */
  private static final class Refusal implements Closure {
    private final AcceptConstruct construct;

    Refusal(AcceptConstruct construct) {
      this.construct = construct;
    }

    @Override
    public void onOpen() {
      var out = construct.allocator().directBuffer(128);
      Replies.TOO_MANY_SESSIONS.encode(out);
      construct.write(out);
      construct.close();
    }

    @Override
    public void onInput(ByteBuf input) {
      input.skipBytes(input.readableBytes());
    }

    @Override
    public void onDeadline() {
      throw Check.bug("a refused connection has no deadline");
    }

    @Override
    public void onClosed(@Nullable Throwable failure) {}
  }
}
