package org.flywheelmta.main;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.flywheelmta.base.NonThreadSafe;
import org.flywheelmta.scheduler.Scheduler;
import org.flywheelmta.sim.Ledger;
import org.flywheelmta.sim.SimMail;
import org.flywheelmta.sim.SimPlatform;
import org.jspecify.annotations.Nullable;

/**
 * Clients that hold a server's memory: some say their mail one octet at a time, some ask for far
 * more replies than they read. The ledger keeps what the former were told.
 */
@NonThreadSafe
final class SlowClients {
  private static final String DEAF_COMMAND = "RCPT TO:<nobody@example.com>\r\n";
  private static final int DEAF_COMMANDS = 6_000;

  private final SimPlatform machine;
  private final Scheduler scheduler;
  private final InetSocketAddress server;
  private final Ledger ledger;
  private final Set<Dripping> dripping = new LinkedHashSet<>();

  SlowClients(SimPlatform machine, InetSocketAddress server, Ledger ledger) {
    this.machine = machine;
    this.scheduler = machine.schedulers("slow", 1).getFirst();
    this.server = server;
    this.ledger = ledger;
  }

  /** Connections that say something yet. */
  int dripping() {
    return dripping.size();
  }

  /** Begins a mail and says an octet of it now and then. */
  void drip(SimMail mail, long pauseNanos) {
    connect(new Dripping(mail, pauseNanos));
  }

  /** Asks for many replies and reads none. */
  void ask() {
    connect(new Deaf());
  }

  /** Each that is within its mail says so many octets of it at once. */
  void burst(int octets) {
    scheduler.post(() -> List.copyOf(dripping).forEach(client -> client.say(octets)));
  }

  /** Each that is within its mail says the rest of it. */
  void finish() {
    scheduler.post(() -> List.copyOf(dripping).forEach(Dripping::finish));
  }

  private void connect(ChannelInboundHandlerAdapter handler) {
    var channel = machine.network().channel(scheduler, server);
    channel.pipeline().addLast(handler);
    var _ = scheduler.loop().register(channel);
    channel
        .connect(server)
        .addListener(
            done -> {
              if (!done.isSuccess()) {
                var _ = channel.close();
              }
            });
  }

  private static void send(ChannelHandlerContext context, byte[] octets, int from, int count) {
    var _ = context.writeAndFlush(context.alloc().buffer(count).writeBytes(octets, from, count));
  }

  private static void send(ChannelHandlerContext context, String text) {
    var octets = text.getBytes(StandardCharsets.US_ASCII);
    send(context, octets, 0, octets.length);
  }

  private final class Dripping extends ChannelInboundHandlerAdapter {
    private final SimMail mail;
    private final long pauseNanos;
    private final StringBuilder heard = new StringBuilder();
    private @Nullable ChannelHandlerContext context;
    private int replies;
    private int said;
    private boolean within;
    private boolean done;

    Dripping(SimMail mail, long pauseNanos) {
      this.mail = mail;
      this.pauseNanos = pauseNanos;
    }

    @Override
    public void channelActive(ChannelHandlerContext active) {
      context = active;
      dripping.add(this);
    }

    @Override
    public void channelInactive(ChannelHandlerContext inactive) {
      within = false;
      dripping.remove(this);
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext failed, Throwable cause) {
      var _ = failed.close();
    }

    @Override
    public void channelRead(ChannelHandlerContext reading, Object message) {
      var bytes = (ByteBuf) message;
      heard.append(bytes.toString(StandardCharsets.US_ASCII));
      bytes.release();
      for (int end = heard.indexOf("\r\n"); end >= 0; end = heard.indexOf("\r\n")) {
        var line = heard.substring(0, end);
        heard.delete(0, end + 2);
        if (line.charAt(3) == ' ') {
          reply(reading, line);
        }
      }
    }

    private void reply(ChannelHandlerContext replying, String line) {
      if (line.charAt(0) > '3') {
        if (replies > 1) {
          mail.recipients().forEach(ledger::refuse);
        }
        within = false;
        var _ = replying.close();
        return;
      }
      switch (replies++) {
        case 0 -> send(replying, "EHLO slow.example\r\n");
        case 1 -> {
          ledger.sending(mail);
          send(replying, "MAIL FROM:<" + mail.sender() + ">\r\n");
        }
        case 2 -> send(replying, "RCPT TO:<" + mail.recipients().getFirst() + ">\r\n");
        case 3 -> send(replying, "DATA\r\n");
        case 4 -> {
          within = true;
          drip();
        }
        default -> {
          mail.recipients().forEach(ledger::acknowledge);
          var _ = replying.close();
        }
      }
    }

    private void drip() {
      say(1);
      if (within && !done) {
        var _ = scheduler.loop().schedule(this::drip, pauseNanos, TimeUnit.NANOSECONDS);
      }
    }

    void say(int octets) {
      var open = context;
      int count = Math.min(octets, mail.content().length - said);
      if (open == null || !within || done || count == 0) {
        return;
      }
      send(open, mail.content(), said, count);
      said += count;
    }

    void finish() {
      var open = context;
      if (open == null) {
        return;
      }
      if (!within) {
        var _ = open.close();
      } else if (!done) {
        say(mail.content().length);
        done = true;
        send(open, ".\r\n");
      }
    }
  }

  private static final class Deaf extends ChannelInboundHandlerAdapter {
    @Override
    public void channelActive(ChannelHandlerContext context) {
      context.channel().config().setAutoRead(false);
      send(
          context,
          "EHLO deaf.example\r\nMAIL FROM:<deaf@example.com>\r\n"
              + DEAF_COMMAND.repeat(DEAF_COMMANDS));
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
      var _ = context.close();
    }

    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
      ((ByteBuf) message).release();
    }
  }
}
