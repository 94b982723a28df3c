package org.flywheelmta.smtp;

import io.netty.buffer.ByteBuf;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import java.util.function.Consumer;
import org.flywheelmta.auth.AuthPolicy;
import org.flywheelmta.auth.Authenticator;
import org.flywheelmta.auth.Mechanism;
import org.flywheelmta.auth.Outcome;
import org.flywheelmta.auth.SaslConnection;
import org.flywheelmta.auth.SaslExchange;
import org.flywheelmta.auth.SaslText;
import org.flywheelmta.base.NonThreadSafe;
import org.flywheelmta.net.AcceptConstruct;
import org.jspecify.annotations.Nullable;

/**
 * AUTH of one session (RFC 4954): what is offered, and the exchange under way, whose messages it
 * carries in base64. While an account is looked up the session is suspended.
 */
@NonThreadSafe
final class SessionAuth {
  /** The longest line of an exchange with its CRLF (RFC 4954 section 4). */
  static final int MAX_LINE = 12_288;

  // An initial response without octets (RFC 4954 section 4); curl says so to a challenge, too.
  private static final String EMPTY = "=";
  private static final byte[] NOTHING = new byte[0];

  private final AcceptConstruct construct;
  private final Client client;
  private final @Nullable Authenticator authenticator;
  private final Runnable asked;
  private @Nullable SaslExchange exchange;
  private boolean asking;

  /**
   * @param asked gives the client its time for an answer, or says goodbye when the server stops
   */
  SessionAuth(
      AcceptConstruct construct,
      Client client,
      @Nullable Authenticator authenticator,
      Runnable asked) {
    this.construct = construct;
    this.client = client;
    this.authenticator = authenticator;
    this.asked = asked;
  }

  /** True when the next line is the client's answer to a challenge, and no command. */
  boolean asking() {
    return asking;
  }

  private AuthPolicy policy() {
    return client.policy().auth();
  }

  private SaslConnection connection() {
    var address =
        construct.peer() instanceof InetSocketAddress internet ? internet.getAddress() : null;
    return new SaslConnection(
        "smtp",
        client.listener(),
        client.peer(),
        address,
        client.tls() != null || address == null,
        "",
        List.of(),
        false);
  }

  private List<Mechanism> mechanisms() {
    return authenticator == null ? List.of() : authenticator.offered(policy(), connection());
  }

  /** The mechanisms as EHLO lists them; empty where nobody can log in here and now. */
  String offered() {
    return client.identity() == null ? String.join(" ", Mechanism.words(mechanisms())) : "";
  }

  /**
   * Begins an exchange by the arguments of AUTH in {@code [from, to)}.
   *
   * @param done told how the exchange ends
   * @return the reply to an AUTH that begins none; null where one has begun
   */
  @Nullable Reply begin(ByteBuf line, int from, int to, Consumer<Outcome> done) {
    var words = line.toString(from, to - from, StandardCharsets.ISO_8859_1).strip();
    int space = words.indexOf(' ');
    var name = space < 0 ? words : words.substring(0, space);
    var initial = space < 0 ? "" : words.substring(space + 1).strip();
    var sasl = authenticator;
    var mechanism = Mechanism.of(name);
    if (name.isEmpty()) {
      return Replies.BAD_AUTH_SYNTAX;
    }
    if (sasl == null || mechanism == null || !mechanisms().contains(mechanism)) {
      return Replies.UNKNOWN_MECHANISM;
    }
    byte[] response = initial.isEmpty() ? null : decoded(initial);
    if (response == null && !initial.isEmpty()) {
      return Replies.BAD_BASE64;
    }
    var begun =
        sasl.begin(construct.scheduler(), policy(), connection(), mechanism, new Carrier(done));
    exchange = begun;
    construct.suspend();
    construct.noDeadline();
    begun.begin(response);
    return null;
  }

  /** The client's answer to a challenge, the line in {@code [from, to)}. */
  @Nullable Reply respond(ByteBuf line, int from, int to) {
    var under = exchange;
    asking = false;
    var text = line.toString(from, to - from, StandardCharsets.ISO_8859_1);
    if (under == null || text.equals("*")) {
      cancel();
      return Replies.AUTH_CANCELLED;
    }
    var response = decoded(text);
    if (response == null) {
      cancel();
      return Replies.BAD_BASE64;
    }
    construct.suspend();
    construct.noDeadline();
    under.respond(response);
    return null;
  }

  /** The session is over, or the exchange; may be called again. */
  void cancel() {
    asking = false;
    var under = exchange;
    exchange = null;
    if (under != null) {
      under.cancel();
    }
  }

  /** Null where the text is no base64. */
  private static byte @Nullable [] decoded(String text) {
    return text.equals(EMPTY) ? NOTHING : SaslText.base64(text);
  }

  /** Says what an outcome is answered with (RFC 4954 section 6). */
  static Reply reply(Outcome outcome) {
    return switch (outcome) {
      case Outcome.Success _ -> Replies.AUTHENTICATED;
      case Outcome.Failure.REJECTED -> Replies.BAD_CREDENTIALS;
      case Outcome.Failure.MALFORMED -> Replies.BAD_AUTH_MESSAGE;
      case Outcome.Failure.UNAVAILABLE, Outcome.Failure.LIMITED -> Replies.AUTH_UNAVAILABLE;
    };
  }

  /** Between the exchange and the session. */
  private final class Carrier implements SaslExchange.Listener {
    private final Consumer<Outcome> done;

    Carrier(Consumer<Outcome> done) {
      this.done = done;
    }

    @Override
    public void onChallenge(String text) {
      construct.run(
          () -> {
            var octets = text.getBytes(StandardCharsets.UTF_8);
            var line = "334 " + Base64.getEncoder().encodeToString(octets) + "\r\n";
            asking = true;
            construct.write(
                construct
                    .allocator()
                    .directBuffer(line.length())
                    .writeBytes(line.getBytes(StandardCharsets.US_ASCII)));
            asked.run();
            goOn();
          });
    }

    @Override
    public void onOutcome(Outcome outcome) {
      construct.run(
          () -> {
            exchange = null;
            asking = false;
            done.accept(outcome);
            goOn();
          });
    }

    /** Takes up what came meanwhile; its answers leave with this one. */
    private void goOn() {
      if (!construct.closed()) {
        construct.resume();
      }
      construct.flush();
    }
  }
}
