package org.flywheelmta.smtp;

import io.netty.buffer.ByteBuf;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.flywheelmta.base.NonThreadSafe;
import org.flywheelmta.net.Closure;
import org.flywheelmta.net.Connection;
import org.flywheelmta.scheduler.Scheduler;
import org.jspecify.annotations.Nullable;

/** The other end of a session: sends any octets, and keeps what it was answered. */
@NonThreadSafe
final class Caller implements Closure {
  private final Scheduler scheduler;
  private final Connection connection;
  private final ByteArrayOutputStream received = new ByteArrayOutputStream();
  private final boolean reading;
  private boolean closed;
  private @Nullable Throwable failure;
  private ByteArrayOutputStream early = new ByteArrayOutputStream();
  private boolean open;

  Caller(Scheduler scheduler, Connection connection, boolean reading) {
    this.scheduler = scheduler;
    this.connection = connection;
    this.reading = reading;
  }

  @Override
  public void onOpen() {
    open = true;
    if (!reading) {
      connection.suspend();
    }
    send(early.toByteArray());
    early = new ByteArrayOutputStream();
  }

  @Override
  public void onInput(ByteBuf input) {
    var octets = new byte[input.readableBytes()];
    input.readBytes(octets);
    received.writeBytes(octets);
  }

  @Override
  public void onDeadline() {
    throw new AssertionError("the caller has no deadline");
  }

  @Override
  public void onClosed(@Nullable Throwable cause) {
    closed = true;
    failure = cause;
  }

  private void send(byte[] octets) {
    if (octets.length > 0 && !connection.closed()) {
      connection.write(connection.allocator().buffer(octets.length).writeBytes(octets));
      connection.flush();
    }
  }

  /** Sends octets, once the connection is open. */
  void say(byte[] octets) {
    scheduler.post(
        () -> {
          if (open) {
            send(octets);
          } else {
            early.writeBytes(octets);
          }
        });
  }

  void say(String text) {
    say(text.getBytes(StandardCharsets.ISO_8859_1));
  }

  /** Ends the connection as an orderly client does. */
  void hangUp() {
    scheduler.post(connection::abort);
  }

  /** Reads what it was sent after all. */
  void readOn() {
    scheduler.post(connection::resume);
  }

  /** True once the connection has ended, by whichever side. */
  boolean closed() {
    return closed;
  }

  @Nullable Throwable failure() {
    return failure;
  }

  String received() {
    return received.toString(StandardCharsets.ISO_8859_1);
  }

  /** The last line of each reply so far, without its text: code, and enhanced code if any. */
  List<String> codes() {
    var codes = new ArrayList<String>();
    for (var line : received().split("\r\n", -1)) {
      if (line.length() > 3 && line.charAt(3) == ' ') {
        var words = line.split(" ", -1);
        boolean enhanced = words.length > 1 && words[1].matches("[245]\\.\\d+\\.\\d+");
        codes.add(enhanced ? words[0] + " " + words[1] : words[0]);
      }
    }
    return codes;
  }

  /** As {@link #codes}, and only those after the first {@code skipped}. */
  List<String> codes(int skipped) {
    return codes().subList(skipped, codes().size());
  }
}
