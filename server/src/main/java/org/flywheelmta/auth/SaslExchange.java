package org.flywheelmta.auth;

import java.util.function.Consumer;
import org.flywheelmta.auth.AccountSource.Found;
import org.flywheelmta.base.Check;
import org.flywheelmta.base.NonThreadSafe;
import org.flywheelmta.scheduler.Job;
import org.flywheelmta.scheduler.Scheduler;
import org.flywheelmta.scheduler.TimedEvent;
import org.jspecify.annotations.Nullable;

/**
 * One attempt of a client to authenticate, on the scheduler of its connection. It ends with one
 * call of {@link Listener#onOutcome}, or with {@link #cancel}, after which nothing is called.
 */
@NonThreadSafe(checked = true)
public final class SaslExchange {
  /** Whoever carries an exchange's messages. Called on the connection's scheduler. */
  @NonThreadSafe
  public interface Listener {
    /**
     * The client gets this, and its answer goes to {@link SaslExchange#respond}. It may be called
     * before the call that led to it returns.
     *
     * @param text may be empty; its UTF-8 is what the protocol encodes
     */
    void onChallenge(String text);

    /** It is over. */
    void onOutcome(Outcome outcome);
  }

  private enum State {
    NEW,
    /** The client is to answer a challenge. */
    ASKING,
    /** The client is to acknowledge the text of a success. */
    CLOSING,
    /** An account, a hash or a token is waited for, or the time before a refusal. */
    WORKING,
    ENDED
  }

  private final Authenticator authenticator;
  private final Scheduler scheduler;
  private final SaslConnection connection;
  private final Mechanism mechanism;
  private final SaslServer server;
  private final Listener listener;

  private State state = State.NEW;
  private GuessLimiter.@Nullable Attempt attempt;
  private @Nullable Account account;
  private @Nullable Identity identity;
  // A password or token has been given away to be verified.
  private boolean guessing;
  // As the client wrote it, until it is prepared.
  private String name = "";
  private String authorization = "";
  private Outcome outcome = Outcome.Failure.REJECTED;
  private final TimedEvent delayed = TimedEvent.of(now -> end(outcome));

  SaslExchange(
      Authenticator authenticator,
      Scheduler scheduler,
      SaslConnection connection,
      Mechanism mechanism,
      SaslServer server,
      Listener listener) {
    this.authenticator = authenticator;
    this.scheduler = scheduler;
    this.connection = connection;
    this.mechanism = mechanism;
    this.server = server;
    this.listener = listener;
  }

  /**
   * Begins.
   *
   * @param initialResponse what the client sent along with its choice, decoded; null where it sent
   *     nothing, which is something else than an empty message
   */
  public void begin(byte @Nullable [] initialResponse) {
    scheduler.check();
    Check.that(state == State.NEW, "an exchange that begins twice");
    if (initialResponse == null) {
      take(server.begin());
    } else {
      feed(initialResponse);
    }
  }

  /**
   * The client's answer to the last challenge, decoded. Nothing may come before there is a
   * challenge: what the client sends meanwhile waits unread.
   */
  public void respond(byte[] message) {
    scheduler.check();
    if (state == State.CLOSING) {
      var proven = identity;
      if (message.length > 0 || proven == null) {
        end(Outcome.Failure.MALFORMED);
      } else {
        succeed(proven, "");
      }
      return;
    }
    Check.that(state == State.ASKING, "a message that nobody asked for");
    feed(message);
  }

  /** The client gave up, or is gone. May come at any time, also when all is over. */
  public void cancel() {
    scheduler.check();
    if (state == State.ENDED) {
      return;
    }
    boolean working = state == State.WORKING && guessing;
    state = State.ENDED;
    scheduler.disarm(delayed);
    var begun = attempt;
    attempt = null;
    if (begun != null) {
      // Who hangs up while a password is verified has guessed, and does not get it for less.
      if (working) {
        begun.failed();
        authenticator.audit().failed(connection, mechanism, name, "hung up");
      } else {
        begun.abandoned();
      }
    }
  }

  private void feed(byte[] message) {
    state = State.WORKING;
    take(
        message.length > SaslText.MOST_MESSAGE_OCTETS
            ? Step.Failed.MALFORMED
            : server.onMessage(message));
  }

  private void take(Step step) {
    switch (step) {
      case Step.Challenge(var text) -> ask(text);
      case Step.Keys(var who, var as, var hash) -> {
        if (admit(who, as)) {
          find(found -> onAccount(found, () -> take(server.onKeys(keys(hash)))));
        }
      }
      case Step.Password(var who, var as, var password) -> {
        if (admit(who, as)) {
          find(found -> onAccount(found, () -> verify(password)));
        }
      }
      case Step.External(var who, var as) -> {
        name = who;
        authorization = as;
        find(found -> onAccount(found, () -> prove("")));
      }
      case Step.Token(var who, var token) -> {
        if (admit(who, "")) {
          verifyToken(token);
        }
      }
      case Step.Proven(var text) -> prove(text);
      case Step.Failed failed -> fail(failed);
    }
  }

  private void ask(String text) {
    state = State.ASKING;
    listener.onChallenge(text);
  }

  /** Whether the attempt may go on; where not, it is over. */
  private boolean admit(String who, String as) {
    var prepared = SaslText.name(who);
    // What is no name is nobody's, and goes the way of an unknown one.
    name = prepared == null ? who : prepared;
    var preparedAs = SaslText.name(as);
    authorization = preparedAs == null ? as : preparedAs;
    attempt = authenticator.limiter().begin(connection.address(), name);
    if (attempt == null) {
      refuse();
    }
    return attempt != null;
  }

  private void refuse() {
    authenticator.audit().refused(connection, mechanism, name, "limit");
    end(Outcome.Failure.LIMITED);
  }

  private void find(Consumer<Found> answer) {
    state = State.WORKING;
    authenticator
        .accounts()
        .find(
            name,
            scheduler,
            found -> {
              if (state == State.WORKING) {
                answer.accept(found);
              }
            });
  }

  private void onAccount(Found found, Runnable next) {
    switch (found) {
      case Found.Known(var known) -> {
        account = known;
        next.run();
      }
      case Found.Unknown unknown -> next.run();
      case Found.Failed(var why) -> giveUp(why);
    }
  }

  /** The account's keys, or some that nobody knows the password of; made in either case. */
  private ScramKeys keys(ScramHash hash) {
    var decoy = authenticator.decoys().keys(name, hash);
    var own = account == null ? null : account.keys(hash);
    return own == null ? decoy : own;
  }

  private void verify(String password) {
    var prepared = SaslText.password(password);
    var decoy = authenticator.decoys().keys(name, ScramHash.SHA_256);
    var keys = account == null ? decoy : account.passwordKeys();
    guessing = true;
    boolean taken =
        authenticator
            .hashing()
            .submit(
                scheduler,
                new Job<Boolean>() {
                  @Override
                  public Boolean work() {
                    return keys.matches(prepared == null ? password : prepared);
                  }

                  @Override
                  public void onDone(Boolean matches) {
                    onVerified(matches && prepared != null);
                  }

                  @Override
                  public void onFailed(Exception failure) {
                    throw new IllegalStateException("a password could not be hashed", failure);
                  }
                });
    if (!taken) {
      giveUp("the pool " + authenticator.hashing().name() + " is full");
    }
  }

  private void onVerified(boolean matches) {
    if (state == State.WORKING) {
      if (matches) {
        prove("");
      } else {
        fail(Step.Failed.CREDENTIALS);
      }
    }
  }

  private void verifyToken(String token) {
    state = State.WORKING;
    guessing = true;
    authenticator
        .tokens()
        .verify(
            name,
            token,
            scheduler,
            verdict -> {
              if (state == State.WORKING) {
                onVerdict(verdict);
              }
            });
  }

  private void onVerdict(TokenVerifier.Verdict verdict) {
    switch (verdict) {
      case TokenVerifier.Verdict.Good(var whose, var roles) -> {
        if (name.isEmpty() || name.equals(whose)) {
          name = whose;
          prove(new Identity(whose, roles, mechanism), "");
        } else {
          take(server.onBadToken());
        }
      }
      case TokenVerifier.Verdict.Bad bad -> take(server.onBadToken());
      case TokenVerifier.Verdict.Failed(var why) -> giveUp(why);
    }
  }

  private void prove(String text) {
    var known = account;
    if (known == null || !(authorization.isEmpty() || authorization.equals(known.name()))) {
      fail(Step.Failed.CREDENTIALS);
    } else {
      prove(new Identity(known.name(), known.roles(), mechanism), text);
    }
  }

  private void prove(Identity who, String text) {
    var begun = attempt;
    attempt = null;
    if (begun != null) {
      begun.succeeded();
    }
    // Now, whether or not the client goes on: it knows from here on that the password was right.
    authenticator.audit().succeeded(connection, who);
    if (text.isEmpty() || connection.successText()) {
      succeed(who, text);
    } else {
      identity = who;
      state = State.CLOSING;
      listener.onChallenge(text);
    }
  }

  private void succeed(Identity who, String text) {
    end(new Outcome.Success(who, text));
  }

  private void fail(Step.Failed failed) {
    var begun = attempt;
    attempt = null;
    boolean malformed = failed == Step.Failed.MALFORMED;
    outcome = malformed ? Outcome.Failure.MALFORMED : Outcome.Failure.REJECTED;
    if (begun == null) {
      if (malformed) {
        // Nothing was guessed, and nobody was named.
        end(outcome);
        return;
      }
      begun = authenticator.limiter().begin(connection.address(), name);
      if (begun == null) {
        refuse();
        return;
      }
    }
    boolean unknown = account == null && failed == Step.Failed.CREDENTIALS;
    boolean nobody = unknown && !isOfTokens();
    authenticator.audit().failed(connection, mechanism, name, nobody ? "unknown" : failed.word());
    state = State.WORKING;
    scheduler.arm(delayed, begun.failed());
  }

  private boolean isOfTokens() {
    return mechanism == Mechanism.OAUTHBEARER || mechanism == Mechanism.XOAUTH2;
  }

  private void giveUp(String why) {
    var begun = attempt;
    attempt = null;
    if (begun != null) {
      begun.undone();
    }
    authenticator.audit().refused(connection, mechanism, name, why);
    end(Outcome.Failure.UNAVAILABLE);
  }

  private void end(Outcome how) {
    state = State.ENDED;
    listener.onOutcome(how);
  }
}
