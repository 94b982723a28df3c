package org.flywheelmta.auth;

import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.function.Consumer;
import org.flywheelmta.base.NonThreadSafe;
import org.flywheelmta.base.Randomness;
import org.flywheelmta.base.ReadOnlyThreadSafe;
import org.flywheelmta.scheduler.Scheduler;
import org.flywheelmta.scheduler.ThreadPool;
import org.jspecify.annotations.Nullable;

/**
 * The client's side of one exchange, without framing: the protocol room sends {@link
 * #initialResponse} with {@link #mechanism}, gives each challenge to {@link #onChallenge}, and asks
 * {@link #mayTrust} when the server says that it succeeded.
 */
@NonThreadSafe
public abstract sealed class SaslClient permits PlainClient, LoginClient, TokenClient, ScramClient {
  private static final List<Mechanism> WITH_PASSWORD =
      List.of(Mechanism.SCRAM_SHA_256, Mechanism.SCRAM_SHA_1, Mechanism.PLAIN, Mechanism.LOGIN);

  /** What to do about a challenge. */
  @ReadOnlyThreadSafe
  public sealed interface Answer {
    /**
     * Send this.
     *
     * @param text whose UTF-8 the protocol encodes; may be empty
     */
    record Response(String text) implements Answer {}

    /**
     * Give up: cancel the exchange.
     *
     * @param why for operators
     */
    record Failed(String why) implements Answer {}
  }

  /**
   * The best that a server offers and this account can do.
   *
   * @param offered the names of mechanisms, in any case; what is not known is passed over
   * @param secure whether nobody else can read; where others can, only SCRAM is chosen
   * @return null where there is none
   */
  public static @Nullable SaslClient choose(
      ClientAccount account, Collection<String> offered, boolean secure, Randomness randomness) {
    var known = offered.stream().map(name -> name.toUpperCase(Locale.ROOT)).toList();
    if (account.kind() == ClientAccount.Kind.TOKEN) {
      return secure && known.contains(Mechanism.XOAUTH2.word()) ? new TokenClient(account) : null;
    }
    for (var mechanism : WITH_PASSWORD) {
      if (known.contains(mechanism.word())) {
        return client(mechanism, account, secure, randomness);
      }
    }
    return null;
  }

  private static @Nullable SaslClient client(
      Mechanism mechanism, ClientAccount account, boolean secure, Randomness randomness) {
    return switch (mechanism) {
      case SCRAM_SHA_256 ->
          new ScramClient(account, ScramHash.SHA_256, Authenticator.nonce(randomness));
      case SCRAM_SHA_1 ->
          new ScramClient(account, ScramHash.SHA_1, Authenticator.nonce(randomness));
      case PLAIN -> secure ? new PlainClient(account) : null;
      case LOGIN -> secure ? new LoginClient(account) : null;
      case SCRAM_SHA_256_PLUS, EXTERNAL, OAUTHBEARER, XOAUTH2 -> null;
    };
  }

  /** The mechanism that was chosen. */
  public abstract Mechanism mechanism();

  /**
   * What goes with the choice, or is the answer to a first, empty challenge where the protocol
   * takes nothing along; null where the mechanism waits for a challenge.
   */
  public abstract @Nullable String initialResponse();

  /**
   * Answers a challenge of the server, one after another.
   *
   * @param challenge decoded
   * @param asker the scheduler that calls
   * @param hashing the pool on which a password is hashed
   * @param answer called once, on {@code asker}; perhaps before this returns
   */
  public abstract void onChallenge(
      byte[] challenge, Scheduler asker, ThreadPool hashing, Consumer<Answer> answer);

  /**
   * Whether a success may be believed: with SCRAM only a server that has shown that it knows the
   * password's keys is the right one.
   *
   * @param text that came with the success, decoded; empty with none
   */
  public abstract boolean mayTrust(byte[] text);
}
