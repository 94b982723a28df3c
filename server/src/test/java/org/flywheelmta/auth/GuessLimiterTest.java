package org.flywheelmta.auth;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import org.flywheelmta.scheduler.ManualSchedulers;
import org.junit.jupiter.api.Test;

/** Who may try, under a clock that the test moves. */
final class GuessLimiterTest {
  private static final long SECOND = TimeUnit.SECONDS.toNanos(1);
  private static final String EVIL = "198.51.100.7";
  private static final String HOME = "192.0.2.1";

  private final AuthStage stage = new AuthStage();
  private final ManualSchedulers clock = stage.schedulers;
  private final GuessLimiter limiter = stage.limiter;

  private GuessLimiter.Attempt begin(String address, String name) {
    return Objects.requireNonNull(limiter.begin(AuthStage.address(address), name));
  }

  private boolean isRefused(String address, String name) {
    var attempt = limiter.begin(AuthStage.address(address), name);
    if (attempt != null) {
      attempt.undone();
    }
    return attempt == null;
  }

  private void fail(String address, String name, int times) {
    for (int i = 0; i < times; i++) {
      begin(address, name).failed();
    }
  }

  @Test
  void eachFailureDoublesTheWaitForItsAnswer() {
    var delays = new ArrayList<Long>();
    for (int i = 0; i < 8; i++) {
      delays.add(begin(EVIL, "alice").failed() / SECOND);
    }
    assertThat(delays).containsExactly(1L, 2L, 4L, 8L, 16L, 16L, 16L, 16L);
  }

  @Test
  void addressIsRefusedAfterTenFailuresWhateverTheNames() {
    for (int i = 0; i < 10; i++) {
      assertThat(isRefused(EVIL, "x" + i)).isFalse();
      fail(EVIL, "name" + i, 1);
    }
    assertThat(isRefused(EVIL, "another")).isTrue();
    assertThat(isRefused(HOME, "another")).isFalse();
    clock.advance(34 * SECOND);
    assertThat(isRefused(EVIL, "another")).isFalse();
  }

  @Test
  void nameIsRefusedAfterTwentyFailuresWhateverTheAddresses() {
    for (int i = 0; i < 20; i++) {
      fail("198.51.100." + i, "alice", 1);
    }
    assertThat(isRefused(HOME, "alice")).isTrue();
    assertThat(isRefused(HOME, "bob")).isFalse();
  }

  @Test
  void addressesOfOneIpv6NetworkAreOne() {
    for (int i = 0; i < 10; i++) {
      fail("2001:db8:1:2::" + i, "name" + i, 1);
    }
    assertThat(isRefused("2001:db8:1:2:ffff::1", "alice")).isTrue();
    assertThat(isRefused("2001:db8:1:3::1", "alice")).isFalse();
  }

  @Test
  void pairThatHasSucceededIsNotHeldUpByOthers() {
    begin(HOME, "alice").succeeded();
    for (int i = 0; i < 20; i++) {
      fail("198.51.100." + i, "alice", 1);
    }
    // Somebody behind the same address guesses at another account.
    fail(HOME, "bob", 10);
    assertThat(isRefused(HOME, "bob")).isTrue();
    assertThat(isRefused("192.0.2.2", "alice")).isTrue();
    assertThat(isRefused(HOME, "alice")).isFalse();
  }

  @Test
  void pairThatHasSucceededHasALimitOfItsOwn() {
    begin(HOME, "alice").succeeded();
    fail(HOME, "alice", 10);
    assertThat(isRefused(HOME, "alice")).isTrue();
    clock.advance(34 * SECOND);
    assertThat(isRefused(HOME, "alice")).isFalse();
  }

  @Test
  void pairIsForgottenAfterThirtyDays() {
    begin(HOME, "alice").succeeded();
    clock.advance(TimeUnit.DAYS.toNanos(30) + TimeUnit.MINUTES.toNanos(2));
    for (int i = 0; i < 20; i++) {
      fail("198.51.100." + i, "alice", 1);
    }
    assertThat(isRefused(HOME, "alice")).isTrue();
  }

  @Test
  void successesBuyNoGuesses() {
    // One good account, whose pair is new each time, beside guesses at another one.
    int guesses = 0;
    for (int i = 0; i < 200; i++) {
      var good = limiter.begin(AuthStage.address(EVIL), "mallory" + i);
      var guess = limiter.begin(AuthStage.address(EVIL), "alice");
      if (good != null) {
        good.succeeded();
      }
      if (guess != null) {
        guess.failed();
        guesses++;
      }
    }
    assertThat(guesses).isLessThanOrEqualTo(10);
  }

  @Test
  void manyAtOnceBringAnEighthOfTheirNumber() {
    var begun = new ArrayList<GuessLimiter.Attempt>();
    for (int i = 0; i < 1_000; i++) {
      var attempt = limiter.begin(AuthStage.address(EVIL), "name" + i);
      if (attempt != null) {
        begun.add(attempt);
      }
    }
    assertThat(begun).hasSize(80);
    begun.forEach(GuessLimiter.Attempt::succeeded);
    assertThat(isRefused(EVIL, "another")).isFalse();
  }

  @Test
  void lockNeverLastsLongerThanTwiceTheLimit() {
    var begun = new ArrayList<GuessLimiter.Attempt>();
    for (int i = 0; i < 80; i++) {
      begun.add(begin(EVIL, "name" + i));
    }
    begun.forEach(GuessLimiter.Attempt::failed);
    assertThat(isRefused(EVIL, "another")).isTrue();
    clock.advance(11 * 30 * SECOND);
    assertThat(isRefused(EVIL, "another")).isFalse();
  }

  @Test
  void allTogetherHaveALimitThatThoseWhoAreKnownDoNotFeel() {
    begin(HOME, "alice").succeeded();
    int borne = 0;
    for (int i = 0; i < 1_000; i++) {
      var address = "10.0." + i / 250 + "." + i % 250;
      var attempt = limiter.begin(AuthStage.address(address), "name" + i);
      if (attempt != null) {
        attempt.failed();
        borne++;
      }
    }
    assertThat(borne).isEqualTo(100);
    assertThat(isRefused("192.0.2.2", "bob")).isTrue();
    assertThat(isRefused(HOME, "alice")).isFalse();
    clock.advance(SECOND);
    assertThat(isRefused("192.0.2.2", "bob")).isFalse();
  }

  @Test
  void guessesOfAnHourStayWithinWhatIsForgotten() {
    int borne = 0;
    for (int i = 0; i < 3_600; i++) {
      for (int j = 0; j < 10; j++) {
        var attempt = limiter.begin(AuthStage.address(EVIL), "name" + i + "-" + j);
        if (attempt != null) {
          attempt.failed();
          borne++;
        }
      }
      clock.advance(SECOND);
    }
    // Ten at once, and one each 30 s.
    assertThat(borne).isBetween(120, 131);
  }

  @Test
  void nobodyFlushesHisOwnRecordWithOtherAddresses() {
    var limits = new GuessLimits(10, 20, TimeUnit.DAYS.toNanos(1), 100_000, SECOND, 16 * SECOND);
    var patient = new GuessLimiter(limits, clock, stage);
    for (int i = 0; i < 10; i++) {
      Objects.requireNonNull(patient.begin(AuthStage.address(EVIL), "n" + i)).failed();
    }
    var random = new SplittableRandom(5);
    for (int i = 0; i < 100_000; i++) {
      var octets = new byte[4];
      random.nextBytes(octets);
      var attempt = patient.begin(address(octets), "m" + i);
      if (attempt != null) {
        attempt.failed();
      }
    }
    assertThat(patient.begin(AuthStage.address(EVIL), "another")).isNull();
  }

  private static InetAddress address(byte[] octets) {
    return AuthStage.address(
        List.of(octets[0] & 255, octets[1] & 255, octets[2] & 255, octets[3] & 255).stream()
            .map(String::valueOf)
            .reduce((a, b) -> a + "." + b)
            .orElseThrow());
  }

  @Test
  void unixSocketIsCountedByNameAlone() {
    for (int i = 0; i < 20; i++) {
      Objects.requireNonNull(limiter.begin(null, "alice")).failed();
    }
    assertThat(limiter.begin(null, "alice")).isNull();
    assertThat(limiter.begin(null, "bob")).isNotNull();
  }
}
