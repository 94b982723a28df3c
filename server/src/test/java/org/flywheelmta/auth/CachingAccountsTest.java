package org.flywheelmta.auth;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.flywheelmta.auth.AccountSource.Found;
import org.junit.jupiter.api.Test;

final class CachingAccountsTest {
  private static final Found ALICE =
      new Found.Known(AuthStage.account("alice", "secret", List.of()));

  private final AuthStage stage = new AuthStage();
  private final List<String> asked = new ArrayList<>();
  private boolean failing;
  private final CachingAccounts cache =
      new CachingAccounts(
          (name, asker, answer) -> {
            asked.add(name);
            answer.accept(
                failing
                    ? new Found.Failed("away")
                    : name.equals("alice") ? ALICE : Found.Unknown.UNKNOWN);
          },
          new CachingAccounts.Bounds(8, TimeUnit.SECONDS.toNanos(60), TimeUnit.SECONDS.toNanos(5)),
          stage.schedulers,
          stage);

  private Found find(String name) {
    var answers = new ArrayList<Found>();
    stage.on(() -> cache.find(name, stage.scheduler(), answers::add));
    assertThat(answers).hasSize(1);
    return answers.getFirst();
  }

  private void advance(long seconds) {
    stage.schedulers.advance(TimeUnit.SECONDS.toNanos(seconds));
  }

  @Test
  void accountIsAskedForOnceInAMinute() {
    assertThat(find("alice")).isEqualTo(ALICE);
    advance(59);
    assertThat(find("alice")).isEqualTo(ALICE);
    assertThat(asked).hasSize(1);
    advance(1);
    find("alice");
    assertThat(asked).hasSize(2);
  }

  @Test
  void thatThereIsNoneCountsFiveSeconds() {
    assertThat(find("bob")).isEqualTo(Found.Unknown.UNKNOWN);
    advance(4);
    find("bob");
    assertThat(asked).hasSize(1);
    advance(1);
    find("bob");
    assertThat(asked).hasSize(2);
  }

  @Test
  void failureIsNotKeptAndLeavesWhatWasKnown() {
    failing = true;
    find("bob");
    find("bob");
    assertThat(asked).hasSize(2);
    failing = false;
    find("alice");
    failing = true;
    assertThat(find("alice")).isEqualTo(ALICE);
  }

  @Test
  void moreNamesThanPlacesAreAskedForAgain() {
    for (int i = 0; i < 100; i++) {
      find("name" + i);
    }
    for (int i = 0; i < 100; i++) {
      find("name" + i);
    }
    assertThat(asked).hasSizeBetween(192, 200);
    find("name99");
    assertThat(asked).hasSizeBetween(192, 200);
  }
}
