package org.flywheelmta.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

/** What holds for the peers of listeners. */
final class ListenerTest {
  /** Every level for the peer 192.0.2.7, most specific first. */
  private static final List<String> LEVELS =
      List.of(
          "esmtp_listener { listen a:1 { peer 192.0.2.7 { $ } } }",
          "esmtp_listener { peer 192.0.2.7/32 { $ } }",
          "esmtp_listener { peer 192.0.2.0/24 { $ } }",
          "esmtp_listener { listen a:1 { peer 192.0.0.0/16 { $ } } }",
          "esmtp_listener { listen a:1 { peer 0.0.0.0/0 { $ } } }",
          "esmtp_listener { listen a:1 { $ } }",
          "esmtp_listener { $ }",
          "$");

  private static final byte[] PEER = {(byte) 192, 0, 2, 7};

  @Test
  void longestPrefixComesFirstThenListenBeforeListener() {
    for (int first = 0; first < LEVELS.size(); first++) {
      var text = new StringBuilder("esmtp_listener { listen a:1 { } }\n");
      for (int i = first; i < LEVELS.size(); i++) {
        text.append(LEVELS.get(i).replace("$", "max_message_size = " + (i + 1))).append('\n');
      }
      var listen = listen(text.toString());
      assertThat(listen.scopeFor(PEER).get(Sample.MESSAGE_SIZE))
          .as(LEVELS.get(first))
          .isEqualTo(first + 1);
      assertThat(listen.scopeFor(Addresses.mapped(PEER)).get(Sample.MESSAGE_SIZE))
          .isEqualTo(first + 1);
    }
  }

  @Test
  void aShorterPrefixGivesWhatTheLongerDoesNotSet() {
    var listen =
        listen(
            """
            esmtp_listener { listen a:1 {
              peer 192.0.2.0/24 { tarpit = on }
              peer 192.0.0.0/16 { tarpit = off max_message_size = 1KB }
            } }
            """);

    var scope = listen.scopeFor(PEER);
    assertThat(scope.get(Sample.TARPIT)).isTrue();
    assertThat(scope.find(Sample.MESSAGE_SIZE).scope())
        .isEqualTo("esmtp_listener > listen \"a:1\" > peer \"192.0.0.0/16\"");
    assertThat(listen.scope().get(Sample.TARPIT)).isFalse();
  }

  @Test
  void prefixesOfIpv6DoNotTakeIpv4Peers() {
    var listen = listen("esmtp_listener { listen a:1 { peer \"::/0\" { tarpit = on } } }");

    assertThat(listen.scopeFor(PEER).get(Sample.TARPIT)).isFalse();
    assertThat(listen.scopeFor(Addresses.mapped(PEER)).get(Sample.TARPIT)).isFalse();
    var ipv6 = Addresses.parse("2001:db8::1").orElseThrow();
    assertThat(listen.scopeFor(ipv6).get(Sample.TARPIT)).isTrue();
  }

  @Test
  void repeatedListenersMergeAndNamedOnesStayApart() {
    var generation =
        Configured.by(
            Sample.SCHEMA,
            """
            esmtp_listener { listen a:1 { } }
            esmtp_listener "inner" { listen a:2 { } }
            ESMTP_Listener { tarpit = on  listen a:3 { } }
            """);

    var listeners = generation.listeners(Sample.ESMTP);
    assertThat(listeners).extracting(Listener::name).containsExactly("", "inner");
    assertThat(listeners.getFirst().listens())
        .extracting(Listen::address)
        .containsExactly("a:1", "a:3");
    assertThat(listeners.getFirst().scope().get(Sample.TARPIT)).isTrue();
    assertThat(listeners.getFirst().listens().getLast().at()).hasToString("flywheel.conf:3:31");
    assertThat(generation.listeners(Sample.HTTP)).isEmpty();
  }

  @Test
  void stanzasWithinStanzasFallBackOutwards() {
    var spool =
        Configured.by(Sample.SCHEMA, "spool { path = a  volume { }  volume two { path = b } }")
            .stanzas(Sample.SPOOL)
            .getFirst();

    var volumes = spool.within(Sample.VOLUME);
    assertThat(volumes).extracting(Stanza::name).containsExactly("", "two");
    assertThat(volumes).extracting(v -> v.scope().get(Sample.PATH)).containsExactly("a", "b");
    assertThat(spool.at()).hasToString("flywheel.conf:1:1");
  }

  private static Listen listen(String text) {
    return Configured.by(Sample.SCHEMA, text)
        .listeners(Sample.ESMTP)
        .getFirst()
        .listens()
        .getFirst();
  }
}
