package org.flywheelmta.auth;

import java.util.function.Consumer;
import org.flywheelmta.base.NonThreadSafe;
import org.flywheelmta.scheduler.Scheduler;
import org.flywheelmta.scheduler.ThreadPool;

/**
 * XOAUTH2. A challenge tells that the token is bad; it is acknowledged, and the failure follows.
 */
@NonThreadSafe
final class TokenClient extends SaslClient {
  private final ClientAccount account;
  private boolean refused;

  TokenClient(ClientAccount account) {
    this.account = account;
  }

  @Override
  public Mechanism mechanism() {
    return Mechanism.XOAUTH2;
  }

  @Override
  public String initialResponse() {
    return "user=" + account.name() + "\u0001auth=Bearer " + account.secret() + "\u0001\u0001";
  }

  @Override
  public void onChallenge(
      byte[] challenge, Scheduler asker, ThreadPool hashing, Consumer<Answer> answer) {
    answer.accept(
        refused ? new Answer.Failed("a second challenge in XOAUTH2") : new Answer.Response(""));
    refused = true;
  }

  @Override
  public boolean mayTrust(byte[] text) {
    return !refused;
  }
}
