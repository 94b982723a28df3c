package org.flywheelmta.sandbox;

import java.util.ArrayList;
import java.util.List;
import org.flywheelmta.config.ConfigError;
import org.flywheelmta.config.Generation;
import org.flywheelmta.config.ListenerKind;
import org.flywheelmta.config.Option;
import org.flywheelmta.config.Schema;
import org.flywheelmta.config.Scope;
import org.flywheelmta.config.Types;
import org.flywheelmta.net.ListenAddress;
import org.flywheelmta.smtp.SmtpOptions;

/** The options of the sandbox. */
public final class SandboxOptions {
  /**
   * {@code sandbox_listener}, with {@code listen} and {@code peer} in it: an SMTP listener, so each
   * option of those may be set in it.
   */
  public static final ListenerKind LISTENER =
      ListenerKind.of("sandbox_listener", SmtpOptions.LISTENER);

  static final Option<String> PATH =
      Option.of("sandbox_path", Types.string(), "sandbox")
          .in(LISTENER.listener())
          .manual(
              "The folder of the Maildir that the sandbox's mail ends in; a relative path counts"
                  + " from the data folder.");

  static final Option<Integer> MAX_MESSAGES =
      Option.of("sandbox_max_messages", Types.int32(1, 1_000_000), 10_000)
          .in(LISTENER.listener())
          .manual(
              "How many mails the sandbox keeps; when there are more, the oldest are deleted. Files"
                  + " that the sandbox did not write are neither counted nor deleted.");

  static final Option<Long> MAX_BYTES =
      Option.of("sandbox_max_bytes", Types.size(1L << 20, 1L << 50), 1L << 30)
          .in(LISTENER.listener())
          .manual(
              "How much the mails of the sandbox may take together; when it is more, the oldest are"
                  + " deleted. A larger mail is refused with 552 5.3.4.");

  private SandboxOptions() {}

  /** Adds them to a schema. */
  public static void declare(Schema.Builder schema) {
    schema
        .listener(LISTENER)
        .options(PATH, MAX_MESSAGES, MAX_BYTES)
        .check(SandboxOptions::staysOnThisMachine);
  }

  /** It takes mail for anybody, so nobody else may reach it. */
  private static List<ConfigError> staysOnThisMachine(Generation generation) {
    var errors = new ArrayList<ConfigError>();
    var listeners = generation.listeners(LISTENER);
    for (var listener : listeners) {
      if (listener != listeners.getFirst()) {
        errors.add(
            new ConfigError(
                listener.at(),
                "there is one sandbox; add this listener's listen to the first sandbox_listener"));
      }
      for (var listen : listener.listens()) {
        var address = ListenAddress.parse(listen.address());
        if (address != null && !address.getAddress().isLoopbackAddress()) {
          errors.add(
              new ConfigError(
                  listen.at(),
                  "the sandbox takes mail for anybody, so it listens on loopback only, such as"
                      + " 127.0.0.1:2526; "
                      + listen.address()
                      + " is not"));
        }
      }
    }
    return errors;
  }

  /** What is set in the sandbox's listener. */
  static MaildirLimits limits(Scope listener) {
    return new MaildirLimits(listener.get(MAX_MESSAGES), listener.get(MAX_BYTES));
  }
}
