package org.flywheelmta.torture;

import java.io.Closeable;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.Socket;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * One of the generator's connections: connects, sends mail after mail, and connects again with a
 * growing pause when the server goes away. An exception of the wire is an outcome; one of the
 * ledger ends the generator. For its own thread.
 */
final class GeneratorSession implements Runnable {
  private static final long BACKOFF_FIRST_NANOS = TimeUnit.MILLISECONDS.toNanos(10);
  private static final long BACKOFF_LAST_NANOS = TimeUnit.MILLISECONDS.toNanos(400);

  /** RFC 5321, section 4.2.3: the server is about to close. */
  private static final int CLOSING = 421;

  private final Generator generator;
  private final SplittableRandom jitter;
  private @Nullable Wire wire;
  private boolean eightBitOffered;
  private boolean pipelining;
  private long backoffNanos = BACKOFF_FIRST_NANOS;

  GeneratorSession(Generator generator, int index) {
    this.generator = generator;
    this.jitter = new SplittableRandom(generator.load().seed() + index);
  }

  @Override
  public void run() {
    try {
      while (!generator.isStopped() && !generator.isExhausted()) {
        var connection = wire != null ? wire : connect();
        if (connection == null) {
          generator.pause(backoffNanos / 2 + jitter.nextLong(backoffNanos));
          backoffNanos = Math.min(backoffNanos * 2, BACKOFF_LAST_NANOS);
        } else if (generator.permit()) {
          one(connection);
        }
      }
      quit();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } finally {
      drop();
    }
  }

  private void one(Wire connection) throws IOException {
    var mail = generator.composer().compose(generator.ledger().nextNumber(), eightBitOffered);
    generator.ledger().sent(mail);
    var outcome = new Offer(connection, mail, pipelining).send();
    generator.ledger().ended(mail, outcome);
    generator.count(outcome);
    switch (outcome) {
      case Outcome.Acknowledged _ -> backoffNanos = BACKOFF_FIRST_NANOS;
      case Outcome.Refused(int code) when code != CLOSING -> {}
      case Outcome.Refused _, Outcome.Unknown _, Outcome.Unsent _ -> drop();
    }
  }

  /** A greeted connection, or null where the server does not want one now. */
  private @Nullable Wire connect() {
    var socket = new Socket();
    try {
      int timeoutMillis = (int) generator.load().replyTimeout().toMillis();
      socket.connect(generator.server(), timeoutMillis);
      socket.setSoTimeout(timeoutMillis);
      var connection = new Wire(socket);
      if (Reply.read(connection).positive()) {
        connection.write("EHLO generator.torture.test");
        var hello = Reply.read(connection);
        if (hello.positive()) {
          generator.connected();
          eightBitOffered = hello.offers("8BITMIME");
          pipelining = generator.load().pipelining() && hello.offers("PIPELINING");
          wire = connection;
          return connection;
        }
      }
    } catch (IOException e) {
      // The server is away: the caller pauses and comes again.
    }
    close(socket);
    return null;
  }

  private void quit() {
    var connection = wire;
    if (connection != null) {
      try {
        connection.write("QUIT");
        Reply.read(connection);
      } catch (IOException e) {
        // Nothing depends on a farewell.
      }
    }
  }

  private void drop() {
    var connection = wire;
    wire = null;
    if (connection != null) {
      close(connection);
    }
  }

  private static void close(Closeable open) {
    try {
      open.close();
    } catch (IOException e) {
      // There is nothing left to lose on this connection.
    }
  }

  /** One mail over one connection. */
  private static final class Offer {
    private final Wire wire;
    private final Mail mail;
    private final boolean pipelining;
    private final List<String> taken = new ArrayList<>();
    private boolean dotBegun;

    Offer(Wire wire, Mail mail, boolean pipelining) {
      this.wire = wire;
      this.mail = mail;
      this.pipelining = pipelining;
    }

    Outcome send() {
      try {
        return pipelining ? together() : oneByOne();
      } catch (IOException e) {
        return dotBegun ? new Outcome.Unknown(List.copyOf(taken)) : new Outcome.Unsent();
      }
    }

    private Outcome oneByOne() throws IOException {
      var reply = ask(from());
      if (!reply.positive()) {
        return new Outcome.Refused(reply.code());
      }
      for (String recipient : mail.recipients()) {
        reply = ask(to(recipient));
        if (reply.positive()) {
          taken.add(recipient);
        }
      }
      if (taken.isEmpty()) {
        return refused(reply);
      }
      reply = ask("DATA");
      return reply.code() == 354 ? content() : refused(reply);
    }

    private Outcome together() throws IOException {
      wire.write(from());
      for (String recipient : mail.recipients()) {
        wire.write(to(recipient));
      }
      wire.write("DATA");
      var fromReply = Reply.read(wire);
      var last = fromReply;
      for (String recipient : mail.recipients()) {
        last = Reply.read(wire);
        if (last.positive()) {
          taken.add(recipient);
        }
      }
      var data = Reply.read(wire);
      if (data.code() != 354) {
        return refused(fromReply.positive() ? (taken.isEmpty() ? last : data) : fromReply);
      }
      if (taken.isEmpty()) {
        // RFC 2920, section 3.1: a server may say 354 all the same; it must then refuse the end.
        ask(".");
        return new Outcome.Refused(last.code());
      }
      return content();
    }

    private Outcome content() throws IOException {
      wire.writeStuffed(mail.content());
      wire.flush();
      dotBegun = true;
      var reply = ask(".");
      return reply.positive()
          ? new Outcome.Acknowledged(List.copyOf(taken))
          : new Outcome.Refused(reply.code());
    }

    private Outcome refused(Reply reply) throws IOException {
      if (reply.code() != CLOSING) {
        ask("RSET");
      }
      return new Outcome.Refused(reply.code());
    }

    private String from() {
      return "MAIL FROM:<" + mail.sender() + '>' + (mail.eightBit() ? " BODY=8BITMIME" : "");
    }

    private static String to(String recipient) {
      return "RCPT TO:<" + recipient + '>';
    }

    private Reply ask(String command) throws IOException {
      wire.write(command);
      wire.flush();
      return Reply.read(wire);
    }
  }
}
