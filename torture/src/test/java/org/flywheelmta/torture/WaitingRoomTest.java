package org.flywheelmta.torture;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class WaitingRoomTest {
  private static final Mail MAIL = Composer.fresh(RunFolder.load(1, 1, true, 1)).compose(0, false);

  private final WaitingRoom room = new WaitingRoom(3);

  @Test
  void nobodyIsTakenBeforeItsTimeAndThenInItsOrder() throws Exception {
    room.admit(List.of(Arrival.at(30, MAIL), Arrival.at(10, MAIL), Arrival.at(20, MAIL)));
    assertThat(room.release(5)).isEqualTo(10);
    assertThat(room.take(0)).isNull();
    assertThat(room.release(20)).isEqualTo(30);
    assertThat(room.take(0)).isEqualTo(Arrival.at(10, MAIL));
    assertThat(room.take(0)).isEqualTo(Arrival.at(20, MAIL));
    assertThat(room.take(0)).isNull();
    assertThat(room.release(30)).isEqualTo(Long.MAX_VALUE);
    assertThat(room.take(0)).isEqualTo(Arrival.at(30, MAIL));
  }

  @Test
  void roomCountsTheEarlyAndTheDueAndIsNeverBelowZero() throws Exception {
    room.admit(List.of(Arrival.at(10, MAIL), Arrival.at(20, MAIL), Arrival.at(30, MAIL)));
    room.release(15);
    assertThat(room.room()).isZero();
    assertThat(room.take(0)).isNotNull();
    assertThat(room.room()).isEqualTo(1);
    room.admit(List.of(Arrival.at(10, MAIL).again(40), Arrival.at(12, MAIL).again(40)));
    assertThat(room.room()).isZero();
    assertThat(room.longest()).isEqualTo(1);
  }

  @Test
  void refusedMailComesBackLaterAndKeepsItsTime() throws Exception {
    room.admit(List.of(Arrival.at(10, MAIL).again(50)));
    room.release(49);
    assertThat(room.take(0)).isNull();
    room.release(50);
    assertThat(room.take(0)).isEqualTo(new Arrival(MAIL, 10, 50, 1));
  }

  @Test
  void closedRoomGivesBackWhoeverWaits() throws Exception {
    room.admit(List.of(Arrival.at(10, MAIL), Arrival.at(20, MAIL)));
    room.release(10);
    assertThat(room.close()).containsExactly(Arrival.at(10, MAIL), Arrival.at(20, MAIL));
    room.admit(List.of(Arrival.at(30, MAIL)));
    room.release(30);
    assertThat(room.take(1_000_000_000)).isNull();
    assertThat(room.close()).containsExactly(Arrival.at(30, MAIL));
  }
}
