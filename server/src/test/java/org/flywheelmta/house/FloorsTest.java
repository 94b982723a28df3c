package org.flywheelmta.house;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

final class FloorsTest {
  private static final String CLIENT =
      "package org.flywheelmta.smtp; public class Client { public void send() {} }";

  @Test
  void arrowsOfTheHousePointDown() {
    var server = Compiled.server();
    assertThat(server.models()).containsKey("org/flywheelmta/base/Check");
    Complaints.none(Floors.complaints(server));
  }

  @Test
  void callThatPointsUpIsTold() {
    var queue =
        """
        package org.flywheelmta.domain;
        class Queue { void drain() { new org.flywheelmta.smtp.Client().send(); } }
        """;
    assertThat(Floors.complaints(Compiled.of(CLIENT, queue)))
        .containsExactly(
            "`domain.Queue` calls up into `smtp.Client`; declare an interface in `domain` instead");
  }

  @Test
  void typeThatIsOnlyNamedIsAnArrowToo() {
    var queue =
        """
        package org.flywheelmta.domain;
        class Queue { java.util.@org.jspecify.annotations.Nullable List<org.flywheelmta.smtp.Client> clients; }
        """;
    assertThat(Floors.complaints(Compiled.of(CLIENT, queue))).hasSize(1);
  }

  @Test
  void annotationIsAnArrowToo() {
    var mark = "package org.flywheelmta.smtp; public @interface Mark {}";
    var queue = "package org.flywheelmta.domain; @org.flywheelmta.smtp.Mark class Queue {}";
    assertThat(Floors.complaints(Compiled.of(mark, queue))).hasSize(1);
  }

  @Test
  void callThatPointsSidewaysIsTold() {
    var session =
        """
        package org.flywheelmta.smpp;
        class Session { org.flywheelmta.smtp.Client client; }
        """;
    assertThat(Floors.complaints(Compiled.of(CLIENT, session)))
        .singleElement()
        .asString()
        .startsWith("`smpp.Session` calls sideways into `smtp.Client`;");
  }

  @Test
  void roomWithoutFloorIsTold() {
    assertThat(Floors.complaints(Compiled.of("package org.flywheelmta.attic; class Box {}")))
        .singleElement()
        .asString()
        .startsWith("`attic` is on no floor;");
  }

  @Test
  void callThatPointsDownIsFine() {
    var listener =
        """
        package org.flywheelmta.main;
        class Start { String s = "org/flywheelmta/attic/"; org.flywheelmta.smtp.Client client; }
        """;
    assertThat(Floors.complaints(Compiled.of(CLIENT, listener))).isEmpty();
  }
}
