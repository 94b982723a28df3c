package org.flywheelmta.auth;

import java.util.function.Consumer;
import org.flywheelmta.base.NonThreadSafe;
import org.flywheelmta.scheduler.Scheduler;
import org.flywheelmta.scheduler.ThreadPool;

/** PLAIN (RFC 4616). */
@NonThreadSafe
final class PlainClient extends SaslClient {
  private final ClientAccount account;

  PlainClient(ClientAccount account) {
    this.account = account;
  }

  @Override
  public Mechanism mechanism() {
    return Mechanism.PLAIN;
  }

  @Override
  public String initialResponse() {
    return "\0" + account.name() + "\0" + account.secret();
  }

  @Override
  public void onChallenge(
      byte[] challenge, Scheduler asker, ThreadPool hashing, Consumer<Answer> answer) {
    answer.accept(new Answer.Failed("a challenge in PLAIN, which has none"));
  }

  @Override
  public boolean mayTrust(byte[] text) {
    return true;
  }
}
