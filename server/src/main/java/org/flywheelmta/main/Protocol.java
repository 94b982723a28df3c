package org.flywheelmta.main;

import java.util.List;
import java.util.function.Consumer;
import java.util.function.Function;
import org.flywheelmta.config.Generation;
import org.flywheelmta.config.ListenerKind;
import org.flywheelmta.config.Schema;
import org.flywheelmta.sandbox.SandboxOptions;
import org.flywheelmta.smtp.SmtpOptions;

/**
 * A protocol that listens: its kind of listener, and who serves it. A further protocol is one line
 * in {@link #ALL}.
 *
 * @param kind its listener
 * @param declares adds its options to the schema
 * @param side of the server on which it stands
 * @param service makes who serves its connections; called for a server that has such a listener
 */
record Protocol(
    ListenerKind kind,
    Consumer<Schema.Builder> declares,
    Side side,
    Function<Surroundings, Service> service) {
  /** Every protocol. */
  static final List<Protocol> ALL =
      List.of(
          new Protocol(SmtpOptions.LISTENER, SmtpOptions::declare, Side.IN, SmtpService::new),
          new Protocol(
              SandboxOptions.LISTENER, SandboxOptions::declare, Side.OUT, SandboxService::new));

  /** Where a protocol stands on the way of a message. */
  enum Side {
    /** It brings mail in: the first to stop, before deliveries end. */
    IN,
    /**
     * It takes what this server itself delivers. It stops after the deliveries have ended, since
     * those under way need it; and the content that arrives at it has a part of {@code
     * memory_limit} of its own, since a delivery holds its content for as long as it waits for room
     * here.
     */
    OUT
  }

  /** Those of which a configuration has a listener. */
  static List<Protocol> in(Generation generation) {
    return ALL.stream().filter(protocol -> !generation.listeners(protocol.kind).isEmpty()).toList();
  }

  /** The name of its stanza. */
  String name() {
    return kind.listener().name();
  }
}
