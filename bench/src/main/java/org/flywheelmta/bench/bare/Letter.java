package org.flywheelmta.bench.bare;

import io.netty.buffer.ByteBuf;
import java.util.ArrayList;
import java.util.List;

/**
 * One mail: the commands of its envelope, which end with DATA, and its content as it came, from the
 * first octet to the dot that ends it. It owns its buffers until {@link #release}.
 */
final class Letter {
  private static final int USUAL_PARTS = 4;

  private final Intake session;
  private final ByteBuf envelope;
  private final int commands;
  private final List<ByteBuf> parts = new ArrayList<>(USUAL_PARTS);
  private int length;
  private int held;

  /** Takes the envelope over. */
  Letter(Intake session, ByteBuf envelope, int commands) {
    this.session = session;
    this.envelope = envelope.markReaderIndex();
    this.commands = commands;
  }

  /** Takes the buffer over. */
  void add(ByteBuf part) {
    parts.add(part.markReaderIndex());
    length += part.readableBytes();
    held += part.capacity();
  }

  Intake session() {
    return session;
  }

  ByteBuf envelope() {
    return envelope;
  }

  /** How many commands the envelope has, each of which gets one reply. */
  int commands() {
    return commands;
  }

  List<ByteBuf> parts() {
    return parts;
  }

  /** Octets of the content. */
  int length() {
    return length;
  }

  /** Octets of memory that the content holds. */
  int held() {
    return held;
  }

  /** A write may have taken some of the octets; now they can be read again. */
  void rewind() {
    envelope.resetReaderIndex();
    parts.forEach(ByteBuf::resetReaderIndex);
  }

  void release() {
    envelope.release();
    parts.forEach(ByteBuf::release);
  }
}
