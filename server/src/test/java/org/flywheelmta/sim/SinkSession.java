package org.flywheelmta.sim;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import org.flywheelmta.base.NonThreadSafe;
import org.flywheelmta.sim.SinkScript.Act;
import org.flywheelmta.sim.SinkScript.Stage;
import org.jspecify.annotations.Nullable;

/** One session of a scripted gateway. Commands wait while a slow reply is owed. */
@NonThreadSafe
final class SinkSession extends ChannelInboundHandlerAdapter {
  private static final String EHLO_REPLY =
      "250-sink.example\r\n250-PIPELINING\r\n250-8BITMIME\r\n250 ENHANCEDSTATUSCODES";

  private final SimSmtpSink sink;
  private final SimChannel channel;
  private final SmtpInput input = new SmtpInput();
  private final List<String> recipients = new ArrayList<>();
  private String sender = "";
  private boolean greeted;
  private boolean inMail;
  private SimSmtpSink.@Nullable Transfer transfer;
  private SmtpInput.@Nullable Body body;
  private boolean bodyBegun;
  private boolean busy;

  SinkSession(SimSmtpSink sink, SimChannel channel) {
    this.sink = sink;
    this.channel = channel;
  }

  /** True while the other end has the connection open. */
  boolean isHeld() {
    return channel.peer().listens();
  }

  /** The recipients of the transaction that is under way; empty for none. */
  List<String> recipients() {
    return recipients;
  }

  @Override
  public void channelActive(ChannelHandlerContext context) {
    perform(context, Stage.CONNECT, "", "220 sink.example ESMTP");
    context.fireChannelActive();
  }

  @Override
  public void channelInactive(ChannelHandlerContext context) {
    sink.onClosed(this);
    context.fireChannelInactive();
  }

  @Override
  public void channelRead(ChannelHandlerContext context, Object message) {
    var buffer = (ByteBuf) message;
    input.add(buffer);
    buffer.release();
    proceed(context);
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
    context.fireExceptionCaught(cause);
    var _ = context.close();
  }

  private void proceed(ChannelHandlerContext context) {
    while (!busy && context.channel().isActive()) {
      var line = input.line();
      if (line == null) {
        return;
      }
      if (body == null) {
        command(context, new String(line, StandardCharsets.ISO_8859_1));
      } else {
        bodyLine(context, body, line);
      }
    }
  }

  private void bodyLine(ChannelHandlerContext context, SmtpInput.Body into, byte[] line) {
    if (!bodyBegun) {
      bodyBegun = true;
      var act = sink.act(Stage.BODY, "");
      if (act instanceof SinkScript.Reset) {
        fire(Fault.GATEWAY_RESET_IN_BODY);
        abort(context);
        return;
      }
      if (act instanceof SinkScript.Stall(var delayNanos)) {
        stall(context, delayNanos);
      }
    }
    if (into.add(line)) {
      perform(context, Stage.DOT, "", "250 2.0.0 taken");
    }
  }

  private void fire(Fault fault) {
    sink.world().faults().fire(fault);
  }

  private void stall(ChannelHandlerContext context, long delayNanos) {
    fire(Fault.SLOW_GATEWAY);
    var config = context.channel().config();
    config.setAutoRead(false);
    var _ =
        context
            .executor()
            .schedule(() -> config.setAutoRead(true), delayNanos, TimeUnit.NANOSECONDS);
  }

  private void command(ChannelHandlerContext context, String line) {
    var verb = line.length() < 4 ? line : line.substring(0, 4).toUpperCase(Locale.ROOT);
    switch (verb) {
      case "EHLO", "HELO" -> perform(context, Stage.EHLO, line, EHLO_REPLY);
      case "MAIL" -> {
        require(greeted && !inMail, line);
        perform(context, Stage.MAIL, path(line), "250 2.1.0 ok");
      }
      case "RCPT" -> {
        // A pipelining client sends it although MAIL was refused (RFC 2920 section 3.1).
        if (inMail) {
          perform(context, Stage.RCPT, path(line), "250 2.1.5 ok");
        } else {
          say(context, "503 5.5.1 no MAIL");
        }
      }
      case "DATA" -> {
        if (recipients.isEmpty()) {
          say(context, "554 5.5.1 no valid recipients");
        } else {
          require(input.isEmpty(), "data before 354");
          perform(context, Stage.DATA, "", "354 go on");
        }
      }
      case "RSET" -> {
        clear();
        say(context, "250 2.0.0 ok");
      }
      case "NOOP" -> say(context, "250 2.0.0 ok");
      case "QUIT" -> {
        perform(context, Stage.QUIT, "", "221 2.0.0 bye");
        var _ = context.close();
      }
      default -> require(false, line);
    }
  }

  private static void require(boolean holds, String line) {
    if (!holds) {
      throw new IllegalStateException("the server sent what it may not: " + quoted(line));
    }
  }

  private static String quoted(String line) {
    return line.length() <= 60 ? line : line.substring(0, 60) + "...";
  }

  private static String path(String line) {
    int from = line.indexOf('<');
    int to = line.indexOf('>', from);
    require(from > 0 && to > 0, line);
    return line.substring(from + 1, to);
  }

  private void perform(ChannelHandlerContext context, Stage stage, String argument, String good) {
    carryOut(context, stage, argument, good, sink.act(stage, argument));
  }

  private void carryOut(
      ChannelHandlerContext context, Stage stage, String argument, String good, Act act) {
    switch (act) {
      case SinkScript.Accept() -> {
        accept(context, stage, argument);
        var taken = transfer;
        var _ =
            reply(context, good)
                .addListener(
                    done -> {
                      if (stage == Stage.DOT && taken != null && done.isSuccess()) {
                        taken.answered();
                      }
                    });
      }
      case SinkScript.Reply(var text) -> {
        refuse(stage, argument, text);
        say(context, text);
        if (text.startsWith("421")) {
          var _ = context.close();
        }
      }
      case SinkScript.Silence() -> {
        if (stage == Stage.DOT) {
          fire(Fault.GATEWAY_SILENT_AFTER_DOT);
        }
        busy = true;
      }
      case SinkScript.Stall(var delayNanos) -> stall(context, delayNanos);
      case SinkScript.Reset() -> abort(context);
      case SinkScript.TakeAndVanish() -> {
        accept(context, stage, argument);
        fire(Fault.GATEWAY_SILENT_AFTER_DOT);
        busy = true;
      }
      case SinkScript.Slow(var delayNanos, var then) -> {
        fire(Fault.SLOW_GATEWAY);
        busy = true;
        var _ =
            context
                .executor()
                .schedule(
                    () -> {
                      if (context.channel().isActive()) {
                        busy = false;
                        carryOut(context, stage, argument, good, then);
                        proceed(context);
                      }
                    },
                    delayNanos,
                    TimeUnit.NANOSECONDS);
      }
    }
  }

  private void accept(ChannelHandlerContext context, Stage stage, String argument) {
    switch (stage) {
      case EHLO -> greeted = true;
      case MAIL -> {
        inMail = true;
        sender = argument;
        transfer =
            new SimSmtpSink.Transfer(
                (SimChannel) context.channel(), sink.world().clock().nanoTime());
      }
      case RCPT -> recipients.add(argument);
      case DATA -> {
        body = new SmtpInput.Body();
        bodyBegun = false;
      }
      case DOT -> {
        if (body != null && transfer != null) {
          sink.take(sender, List.copyOf(recipients), body.bytes(), transfer);
        }
        clear();
      }
      case CONNECT, BODY, QUIT -> {}
    }
    if (stage == Stage.CONNECT || stage == Stage.RCPT) {
      sink.onAccepted();
    }
  }

  private void refuse(Stage stage, String argument, String text) {
    boolean permanent = text.startsWith("5");
    if (stage == Stage.RCPT && permanent) {
      fire(Fault.GATEWAY_REFUSED_FOR_GOOD);
      sink.refuse(argument, text);
    } else if (stage == Stage.DOT) {
      if (permanent) {
        recipients.forEach(recipient -> sink.refuse(recipient, text));
      }
      clear();
    } else if (stage == Stage.DATA) {
      clear();
    }
  }

  private void clear() {
    recipients.clear();
    inMail = false;
    sender = "";
    body = null;
  }

  private static void say(ChannelHandlerContext context, String text) {
    var _ = reply(context, text);
  }

  private static ChannelFuture reply(ChannelHandlerContext context, String text) {
    return context
        .writeAndFlush(ByteBufUtil.writeAscii(context.alloc(), text + "\r\n"))
        .addListener(ChannelFutureListener.CLOSE_ON_FAILURE);
  }

  private static void abort(ChannelHandlerContext context) {
    ((SimChannel) context.channel()).resetByNetwork();
    var _ = context.close();
  }
}
