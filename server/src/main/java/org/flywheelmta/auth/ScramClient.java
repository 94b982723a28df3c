package org.flywheelmta.auth;

import java.security.MessageDigest;
import java.util.Base64;
import java.util.function.Consumer;
import org.flywheelmta.base.NonThreadSafe;
import org.flywheelmta.scheduler.Job;
import org.flywheelmta.scheduler.Scheduler;
import org.flywheelmta.scheduler.ThreadPool;
import org.jspecify.annotations.Nullable;

/** SCRAM (RFC 5802, RFC 7677) without channel binding. */
@NonThreadSafe
final class ScramClient extends SaslClient {
  private static final String GS2 = "n,,";
  private static final int MOST_OCTETS = 4_096;

  private enum State {
    FIRST,
    /** The password is being hashed. */
    HASHING,
    FINAL,
    DONE
  }

  private final ClientAccount account;
  private final ScramHash hash;
  private final String nonce;
  private final String bare;
  private State state = State.FIRST;
  private byte @Nullable [] signature;
  private boolean verified;

  ScramClient(ClientAccount account, ScramHash hash, String nonce) {
    this.account = account;
    this.hash = hash;
    this.nonce = nonce;
    this.bare = "n=" + Gs2Header.written(account.name()) + ",r=" + nonce;
  }

  @Override
  public Mechanism mechanism() {
    return hash == ScramHash.SHA_256 ? Mechanism.SCRAM_SHA_256 : Mechanism.SCRAM_SHA_1;
  }

  @Override
  public String initialResponse() {
    return GS2 + bare;
  }

  /** What the server says first. */
  private record ServerFirst(String text, String nonce, String salt, int iterations) {}

  @Override
  public void onChallenge(
      byte[] challenge, Scheduler asker, ThreadPool hashing, Consumer<Answer> answer) {
    var text =
        challenge.length > MOST_OCTETS ? null : SaslText.utf8(challenge, 0, challenge.length);
    switch (state) {
      case FIRST -> {
        var first = text == null ? null : parse(text);
        if (first == null) {
          answer.accept(new Answer.Failed("the server's first message is none of SCRAM"));
        } else if (first.iterations() < ScramKeys.FEWEST_ITERATIONS) {
          answer.accept(
              new Answer.Failed("the server asks for less than 4096 iterations, or too many"));
        } else {
          derive(first, asker, hashing, answer);
        }
      }
      case FINAL -> {
        state = State.DONE;
        verified = text != null && isVerified(text);
        answer.accept(
            verified
                ? new Answer.Response("")
                : new Answer.Failed("the server does not know the account's keys"));
      }
      default -> answer.accept(new Answer.Failed("a challenge too many in SCRAM"));
    }
  }

  private @Nullable ServerFirst parse(String text) {
    int nonceEnd = text.indexOf(",s=");
    int saltEnd = text.indexOf(",i=");
    // A "," before the salt is an extension that must be understood.
    if (!text.startsWith("r=") || nonceEnd < 0 || text.indexOf(',') != nonceEnd) {
      return null;
    }
    if (saltEnd < 0 || text.indexOf(',', nonceEnd + 1) != saltEnd) {
      return null;
    }
    int end = ScramText.end(text, saltEnd + 1);
    var serverNonce = text.substring(2, nonceEnd);
    // No number at all is told as too few.
    int iterations = SaslText.number(text.substring(saltEnd + 3, end), ScramKeys.MOST_ITERATIONS);
    boolean good =
        serverNonce.startsWith(nonce)
            && serverNonce.length() > nonce.length()
            && ScramText.areExtensions(text, end);
    return good
        ? new ServerFirst(text, serverNonce, text.substring(nonceEnd + 3, saltEnd), iterations)
        : null;
  }

  private void derive(
      ServerFirst first, Scheduler asker, ThreadPool hashing, Consumer<Answer> answer) {
    var salt = SaslText.base64(first.salt());
    if (salt == null || salt.length == 0) {
      answer.accept(new Answer.Failed("the server's salt is none"));
      return;
    }
    state = State.HASHING;
    var known = account.derived(hash, salt, first.iterations());
    if (known != null) {
      answer.accept(prove(first, known));
      return;
    }
    boolean taken =
        hashing.submit(
            asker,
            new Job<ClientAccount.Derived>() {
              @Override
              public ClientAccount.Derived work() {
                return account.derive(hash, salt, first.iterations());
              }

              @Override
              public void onDone(ClientAccount.Derived derived) {
                answer.accept(prove(first, derived));
              }

              @Override
              public void onFailed(Exception failure) {
                throw new IllegalStateException("a password could not be hashed", failure);
              }
            });
    if (!taken) {
      answer.accept(new Answer.Failed("the pool " + hashing.name() + " is full"));
    }
  }

  private Answer prove(ServerFirst first, ClientAccount.Derived derived) {
    state = State.FINAL;
    var encoder = Base64.getEncoder();
    var withoutProof = "c=" + encoder.encodeToString(SaslText.octets(GS2)) + ",r=" + first.nonce();
    var authMessage = SaslText.octets(bare + "," + first.text() + "," + withoutProof);
    var proof = hash.hmac(hash.hash(derived.clientKey), authMessage);
    for (int i = 0; i < proof.length; i++) {
      proof[i] ^= derived.clientKey[i];
    }
    signature = hash.hmac(derived.serverKey, authMessage);
    return new Answer.Response(withoutProof + ",p=" + encoder.encodeToString(proof));
  }

  private boolean isVerified(String text) {
    var expected = signature;
    int end = ScramText.end(text, 0);
    var told = text.startsWith("v=") ? SaslText.base64(text.substring(2, end)) : null;
    return expected != null && told != null && MessageDigest.isEqual(expected, told);
  }

  @Override
  public boolean mayTrust(byte[] text) {
    if (state == State.FINAL && text.length > 0 && text.length <= MOST_OCTETS) {
      state = State.DONE;
      var said = SaslText.utf8(text, 0, text.length);
      verified = said != null && isVerified(said);
    }
    return verified;
  }
}
