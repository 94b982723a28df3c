package org.flywheelmta.sim;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import java.io.ByteArrayOutputStream;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import org.flywheelmta.base.NonThreadSafe;
import org.flywheelmta.scheduler.Scheduler;
import org.jspecify.annotations.Nullable;

/**
 * Sends mails to a server over the simulated network and keeps the ledger of what it said. A mail
 * is never sent twice: one whose fate is unknown when its session ends stays unknown.
 */
@NonThreadSafe
public final class SimSmtpClient {
  private static final long PATIENCE_SECONDS = 300;
  private static final int PIECES_OF_SLOW_CONTENT = 6;

  private final SimPlatform machine;
  private final Scheduler scheduler;
  private final InetSocketAddress server;
  private final Ledger ledger;
  private int openSessions;
  private int mostSessions;
  private boolean demandsReplies;

  public SimSmtpClient(SimPlatform machine, InetSocketAddress server, Ledger ledger) {
    this.machine = machine;
    this.scheduler = machine.schedulers("client", 1).getFirst();
    this.server = server;
    this.ledger = ledger;
  }

  /**
   * From now on a server that keeps a client waiting for a reply, and is up, fails the run. Not for
   * a client of a server that is silent on purpose.
   */
  public void demandReplies() {
    demandsReplies = true;
  }

  /** The most sessions that were open at once. */
  public int mostSessions() {
    return mostSessions;
  }

  /** True when no session is open or beginning. */
  public boolean idle() {
    return openSessions == 0;
  }

  /**
   * Opens a session and sends {@code mails} over it, one after another, for as long as it lasts.
   *
   * @param manner how it goes about it
   * @param onEnd told of the mails that were not begun
   */
  public void send(List<SimMail> mails, Manner manner, Leftover onEnd) {
    openSessions++;
    mostSessions = Math.max(mostSessions, openSessions);
    var session = new Session(new ArrayDeque<>(mails), manner, onEnd);
    var channel = machine.network().channel(scheduler, server);
    channel.pipeline().addLast(session);
    var _ = scheduler.loop().register(channel);
    channel
        .connect(server)
        .addListener(
            done -> {
              if (!done.isSuccess()) {
                session.end();
                var _ = channel.close();
              }
            });
  }

  /**
   * How a client goes about it.
   *
   * @param pipelined whether a mail's commands up to DATA go in one write when the server allows it
   * @param pauseNanos how long it pauses between the pieces of a content; 0: it sends all at once
   */
  public record Manner(boolean pipelined, long pauseNanos) {}

  /** What becomes of mails that a session did not begin. */
  @FunctionalInterface
  public interface Leftover {
    void onEnd(List<SimMail> unsent);
  }

  private enum Step {
    GREETING,
    EHLO,
    MAIL,
    RCPT,
    DATA,
    DOT,
    RSET,
    QUIT
  }

  private final class Session extends ChannelInboundHandlerAdapter {
    private final ArrayDeque<SimMail> mails;
    private final Manner manner;
    private final Leftover onEnd;
    private final SmtpInput input = new SmtpInput();
    private final ArrayDeque<Step> owed = new ArrayDeque<>();
    private final List<String> accepted = new ArrayList<>();
    private final StringBuilder extensions = new StringBuilder();
    private @Nullable SimMail mail;
    private int nextRecipient;
    private int repliedRecipients;
    private boolean pipelined;
    private boolean inTransaction;
    private boolean ended;
    private @Nullable ScheduledFuture<?> patience;

    Session(ArrayDeque<SimMail> mails, Manner manner, Leftover onEnd) {
      this.mails = mails;
      this.manner = manner;
      this.onEnd = onEnd;
      owed.add(Step.GREETING);
    }

    void end() {
      if (!ended) {
        ended = true;
        openSessions--;
        onEnd.onEnd(List.copyOf(mails));
      }
    }

    @Override
    public void channelActive(ChannelHandlerContext context) {
      beginPatience(context);
      context.channel().closeFuture().addListener(done -> endPatience());
      context.fireChannelActive();
    }

    private void beginPatience(ChannelHandlerContext context) {
      endPatience();
      patience =
          context.executor().schedule(() -> giveUp(context), PATIENCE_SECONDS, TimeUnit.SECONDS);
    }

    private void endPatience() {
      if (patience != null) {
        patience.cancel(false);
        patience = null;
      }
    }

    private void giveUp(ChannelHandlerContext context) {
      if (demandsReplies && ((SimChannel) context.channel()).peer().listens()) {
        throw new IllegalStateException("a server that is up owes a reply to " + owed.peek());
      }
      var _ = context.close();
    }

    @Override
    public void channelInactive(ChannelHandlerContext context) {
      end();
      context.fireChannelInactive();
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
      context.fireExceptionCaught(cause);
      var _ = context.close();
    }

    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
      var buffer = (ByteBuf) message;
      input.add(buffer);
      buffer.release();
      while (context.channel().isActive()) {
        var line = input.line();
        if (line == null) {
          return;
        }
        var text = new String(line, StandardCharsets.ISO_8859_1);
        require(text.length() >= 3, text);
        if (text.length() > 3 && text.charAt(3) == '-') {
          extensions.append(text).append('\n');
        } else {
          extensions.append(text).append('\n');
          reply(context, text);
          extensions.setLength(0);
        }
      }
    }

    private static void require(boolean holds, String line) {
      if (!holds) {
        throw new IllegalStateException("the server sent what it may not: " + line);
      }
    }

    private void reply(ChannelHandlerContext context, String text) {
      boolean good = text.charAt(0) == '2' || text.charAt(0) == '3';
      var step = owed.poll();
      beginPatience(context);
      if (text.startsWith("421")) {
        refuseMail();
        var _ = context.close();
        return;
      }
      require(step != null, text);
      switch (present(step)) {
        case GREETING -> afterGreeting(context, good, Step.EHLO);
        case EHLO -> {
          pipelined = manner.pipelined() && extensions.indexOf("PIPELINING") >= 0;
          afterGreeting(context, good, Step.MAIL);
        }
        case MAIL -> {
          inTransaction = good;
          if (!good) {
            present(mail).recipients().forEach(ledger::refuse);
          }
          if (!pipelined) {
            go(context, good ? Step.RCPT : Step.MAIL);
          }
        }
        case RCPT -> afterRecipient(context, good);
        case DATA -> afterData(context, good);
        case RSET -> {
          inTransaction = false;
          go(context, Step.MAIL);
        }
        case DOT -> {
          inTransaction = false;
          afterDot(good);
          go(context, Step.MAIL);
        }
        case QUIT -> {
          var _ = context.close();
        }
      }
    }

    private void afterGreeting(ChannelHandlerContext context, boolean good, Step next) {
      if (good) {
        go(context, next);
      } else {
        var _ = context.close();
      }
    }

    private void afterRecipient(ChannelHandlerContext context, boolean good) {
      var recipients = present(mail).recipients();
      var recipient = recipients.get(repliedRecipients++);
      if (good) {
        accepted.add(recipient);
      } else {
        ledger.refuse(recipient);
      }
      if (!pipelined) {
        boolean more = nextRecipient < recipients.size();
        go(context, more ? Step.RCPT : accepted.isEmpty() ? Step.MAIL : Step.DATA);
      }
    }

    private void afterData(ChannelHandlerContext context, boolean good) {
      if (good) {
        owed.add(Step.DOT);
        var wire = accepted.isEmpty() ? ".\r\n".getBytes(StandardCharsets.US_ASCII) : stuffed();
        if (manner.pauseNanos() == 0) {
          write(context, wire);
        } else {
          machine.world().faults().fire(Fault.SLOW_CLIENT);
          writeSlowly(context, wire, 0);
        }
      } else {
        refuseMail();
        go(context, Step.MAIL);
      }
    }

    private void writeSlowly(ChannelHandlerContext context, byte[] wire, int from) {
      if (!context.channel().isActive()) {
        return;
      }
      beginPatience(context);
      int to = Math.min(wire.length, from + wire.length / PIECES_OF_SLOW_CONTENT + 1);
      write(context, Arrays.copyOfRange(wire, from, to));
      if (to < wire.length) {
        var _ =
            context
                .executor()
                .schedule(
                    () -> writeSlowly(context, wire, to),
                    manner.pauseNanos(),
                    TimeUnit.NANOSECONDS);
      }
    }

    private void afterDot(boolean good) {
      if (good) {
        accepted.forEach(ledger::acknowledge);
        mail = null;
        accepted.clear();
      } else {
        refuseMail();
      }
    }

    private void refuseMail() {
      accepted.forEach(ledger::refuse);
      accepted.clear();
      mail = null;
    }

    private void go(ChannelHandlerContext context, Step step) {
      switch (step) {
        case EHLO -> command(context, step, "EHLO client.example\r\n");
        case MAIL -> {
          if (inTransaction) {
            command(context, Step.RSET, "RSET\r\n");
          } else {
            beginMail(context);
          }
        }
        case RCPT -> command(context, step, rcpt(present(mail).recipients().get(nextRecipient++)));
        case DATA -> command(context, step, "DATA\r\n");
        case GREETING, DOT, RSET, QUIT ->
            throw new IllegalStateException("no command begins " + step);
      }
    }

    private void beginMail(ChannelHandlerContext context) {
      var next = mails.poll();
      mail = next;
      if (next == null) {
        command(context, Step.QUIT, "QUIT\r\n");
        return;
      }
      ledger.sending(next);
      nextRecipient = 0;
      repliedRecipients = 0;
      accepted.clear();
      var from = "MAIL FROM:<" + next.sender() + ">\r\n";
      if (!pipelined) {
        command(context, Step.MAIL, from);
        return;
      }
      var text = new StringBuilder(from);
      owed.add(Step.MAIL);
      for (var recipient : next.recipients()) {
        text.append(rcpt(recipient));
        owed.add(Step.RCPT);
      }
      command(context, Step.DATA, text.append("DATA\r\n").toString());
    }

    private static String rcpt(String recipient) {
      return "RCPT TO:<" + recipient + ">\r\n";
    }

    private void command(ChannelHandlerContext context, Step step, String text) {
      owed.add(step);
      write(context, text.getBytes(StandardCharsets.US_ASCII));
    }

    private static void write(ChannelHandlerContext context, byte[] bytes) {
      var _ = context.writeAndFlush(context.alloc().buffer(bytes.length).writeBytes(bytes));
    }

    /** The content as it goes over the wire, with the end of data (RFC 5321 section 4.5.2). */
    private byte[] stuffed() {
      var content = present(mail).content();
      var wire = new ByteArrayOutputStream(content.length + 64);
      boolean atLineStart = true;
      for (byte octet : content) {
        if (atLineStart && octet == '.') {
          wire.write('.');
        }
        wire.write(octet);
        atLineStart = octet == '\n';
      }
      wire.writeBytes(".\r\n".getBytes(StandardCharsets.US_ASCII));
      return wire.toByteArray();
    }

    private static <T> T present(@Nullable T value) {
      if (value == null) {
        throw new IllegalStateException("the session is in no mail");
      }
      return value;
    }
  }
}
