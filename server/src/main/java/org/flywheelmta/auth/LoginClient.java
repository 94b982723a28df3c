package org.flywheelmta.auth;

import java.util.function.Consumer;
import org.flywheelmta.base.NonThreadSafe;
import org.flywheelmta.scheduler.Scheduler;
import org.flywheelmta.scheduler.ThreadPool;
import org.jspecify.annotations.Nullable;

/** LOGIN: the first challenge asks for the name, the second for the password, in any words. */
@NonThreadSafe
final class LoginClient extends SaslClient {
  private final ClientAccount account;
  private int challenges;

  LoginClient(ClientAccount account) {
    this.account = account;
  }

  @Override
  public Mechanism mechanism() {
    return Mechanism.LOGIN;
  }

  @Override
  public @Nullable String initialResponse() {
    return null;
  }

  @Override
  public void onChallenge(
      byte[] challenge, Scheduler asker, ThreadPool hashing, Consumer<Answer> answer) {
    challenges++;
    answer.accept(
        switch (challenges) {
          case 1 -> new Answer.Response(account.name());
          case 2 -> new Answer.Response(account.secret());
          default -> new Answer.Failed("a third challenge in LOGIN");
        });
  }

  @Override
  public boolean mayTrust(byte[] text) {
    return challenges == 2;
  }
}
