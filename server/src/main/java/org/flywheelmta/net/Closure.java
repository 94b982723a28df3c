package org.flywheelmta.net;

import io.netty.buffer.ByteBuf;
import org.flywheelmta.base.Check;
import org.flywheelmta.base.NonThreadSafe;
import org.flywheelmta.event.Tls;
import org.jspecify.annotations.Nullable;

/**
 * What a connection carries: the session of a protocol. All calls are made on the connection's
 * scheduler.
 */
@NonThreadSafe
public interface Closure {
  /** The connection is open; called first, and once. */
  void onOpen();

  /**
   * There is input. The closure advances the reader index past what it has dealt with; the rest is
   * offered again with what arrives later, or when the connection is resumed.
   *
   * @param input owned by the connection; a closure that keeps a part retains a slice
   */
  void onInput(ByteBuf input);

  /**
   * The handshake that {@link Connection#secure} began has succeeded: from here on input and output
   * are encrypted.
   */
  default void onSecure(Tls tls) {
    throw Check.bug("a closure that asked for no TLS has it");
  }

  /** The deadline that was set has passed. */
  void onDeadline();

  /** What was written has left again after the connection was not {@link Connection#writable}. */
  default void onWritable() {}

  /**
   * A call of this closure threw, which is a bug: the last chance to say goodbye before the
   * connection is closed.
   */
  default void onFault(Throwable fault) {}

  /**
   * The connection is closed, by whichever side; called last, and once, also while suspended.
   *
   * @param failure what broke it; null for an orderly close
   */
  void onClosed(@Nullable Throwable failure);
}
