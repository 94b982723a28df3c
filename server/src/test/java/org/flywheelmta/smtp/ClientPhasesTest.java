package org.flywheelmta.smtp;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.flywheelmta.domain.Outcome;
import org.flywheelmta.domain.Outcome.Delivered;
import org.flywheelmta.domain.Outcome.PermanentFailure;
import org.flywheelmta.domain.Outcome.Scope;
import org.flywheelmta.domain.Outcome.TransientFailure;
import org.flywheelmta.domain.Outcome.Unknown;
import org.flywheelmta.event.MailEvent.Reply;
import org.flywheelmta.message.Fields;
import org.flywheelmta.smtp.ClientPeer.Act;
import org.flywheelmta.smtp.ClientPeer.Manner;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Every phase of the dialogue, and everything that a peer can do to it there. */
class ClientPhasesTest {
  private static final Reply NONE = Reply.NONE;

  record Case(ClientPhase phase, Act act, Manner manner) {}

  static List<Case> cases() {
    var cases = new ArrayList<Case>();
    for (var phase : ClientPhase.values()) {
      boolean acts =
          switch (phase) {
            // The two of TLS have a test of their own.
            case CONNECT, STARTTLS, TLS, IDLE, CLOSING -> false;
            default -> true;
          };
      for (var act : acts ? Act.values() : new Act[0]) {
        for (int packet : new int[] {0, 1}) {
          cases.add(new Case(phase, act, new Manner(false, false, packet)));
          cases.add(new Case(phase, act, new Manner(true, false, packet)));
          if (phase == ClientPhase.MAIL || phase == ClientPhase.RCPT) {
            cases.add(new Case(phase, act, new Manner(true, true, packet)));
          }
        }
      }
    }
    return cases;
  }

  @ParameterizedTest
  @MethodSource("cases")
  void everyMessageGetsTheOutcomeThatThePeerGave(Case each) {
    var rig = new ClientRig();
    var large = "x".repeat(400_000) + "\r\n";
    var content = each.phase() == ClientPhase.BODY ? large : ClientRig.PLAIN;
    rig.mail(content, "s@example.org", Fields.NONE, "one@example.com", "two@example.com");
    rig.mail("later@example.com");
    rig.open();
    var peer = new ClientPeer(rig, each.manner(), each.phase(), each.act());
    peer.serve();
    // Silence ends with the phase's deadline, the rest with the idle connection's.
    rig.loop.pass(rig.policy.timeoutNanos(ClientPhase.IDLE));
    if (!rig.source.closed()) {
      // QUIT comes when the connection was idle for a while.
      peer.go();
    }
    rig.loop.pass(rig.policy.timeoutNanos(each.phase()));
    rig.loop.pass(rig.policy.timeoutNanos(ClientPhase.CLOSING));
    rig.loop.pass(rig.policy.timeoutNanos(ClientPhase.CLOSING));

    assertThat(peer.acted()).isTrue();
    if (each.phase().isOpening()) {
      assertSame(rig.source.failure(), openingFailure(each));
      assertThat(rig.source.outcomes().isEmpty()).isEqualTo(openingFailure(each) != null);
    } else {
      assertThat(rig.source.failure()).isNull();
      assertSame(rig.source.outcome("one@example.com"), expected(each));
      var second = each.phase() == ClientPhase.RCPT ? secondRecipient(each) : expected(each);
      assertSame(rig.source.outcome("two@example.com"), second);
      assertThat(rig.source.outcomes().containsKey("later@example.com")).isEqualTo(goesOn(each));
    }
    rig.assertOver();
  }

  private static @Nullable Outcome openingFailure(Case each) {
    boolean fallsBack = each.phase() == ClientPhase.EHLO && each.act() == Act.HARD;
    return each.act() == Act.GOOD || fallsBack ? null : expected(each);
  }

  private static boolean goesOn(Case each) {
    return switch (each.phase()) {
      case BODY -> false;
      case QUIT -> true;
      case RSET -> each.act() == Act.GOOD;
      default -> each.act() == Act.GOOD || each.act() == Act.SOFT || each.act() == Act.HARD;
    };
  }

  private static Outcome secondRecipient(Case each) {
    boolean refused = each.act() == Act.SOFT || each.act() == Act.HARD;
    return refused ? new Delivered(NONE) : expected(each);
  }

  private static Outcome expected(Case each) {
    if (each.phase() == ClientPhase.RSET) {
      return new PermanentFailure(NONE);
    }
    if (each.phase() == ClientPhase.QUIT) {
      return new Delivered(NONE);
    }
    boolean opening = each.phase().isOpening();
    return switch (each.act()) {
      case GOOD ->
          each.phase() == ClientPhase.BODY
              ? new TransientFailure(NONE, Scope.SESSION)
              : new Delivered(NONE);
      case SOFT -> new TransientFailure(NONE, opening ? Scope.SESSION : Scope.MESSAGE);
      case HARD -> new PermanentFailure(NONE);
      case BYE -> new TransientFailure(NONE, Scope.SESSION);
      case CLOSE, RESET, SILENCE, GARBAGE ->
          each.phase() == ClientPhase.END
              ? new Unknown(NONE)
              : new TransientFailure(NONE, Scope.SESSION);
    };
  }

  private static void assertSame(@Nullable Outcome actual, @Nullable Outcome expected) {
    if (actual == null || expected == null) {
      assertThat(actual).isEqualTo(expected);
      return;
    }
    assertThat(actual).hasSameClassAs(expected);
    if (actual instanceof TransientFailure it && expected instanceof TransientFailure other) {
      assertThat(it.scope()).isEqualTo(other.scope());
    }
  }

  @Test
  void refusedConnectionIsAFailureOfTheDomain() {
    var rig = new ClientRig(ClientWire.Connect.REFUSED).open();

    assertThat(rig.source.failure())
        .isInstanceOfSatisfying(
            TransientFailure.class,
            failure -> {
              assertThat(failure.scope()).isEqualTo(Scope.DOMAIN);
              assertThat(failure.reply().stage()).isEqualTo("connect");
              assertThat(failure.reply().text()).isEqualTo("Connection refused");
            });
    rig.assertOver();
  }

  @Test
  void machineWithoutSocketsIsTold() {
    var rig = new ClientRig(ClientWire.Connect.NO_SOCKET).open();

    assertThat(rig.source.failure())
        .isInstanceOfSatisfying(
            TransientFailure.class,
            failure -> assertThat(failure.reply().text()).isEqualTo("too many open files"));
    rig.assertOver();
  }

  @Test
  void connectionThatNeverComesAboutFailsInTime() {
    var rig = new ClientRig(ClientWire.Connect.NEVER).open();
    rig.loop.pass(rig.policy.connectTimeoutNanos() - 1_000_000_000L);
    assertThat(rig.source.closed()).isFalse();

    rig.loop.pass(1_000_000_000L);

    assertThat(rig.source.failure())
        .isInstanceOfSatisfying(
            TransientFailure.class,
            failure -> {
              assertThat(failure.scope()).isEqualTo(Scope.DOMAIN);
              assertThat(failure.reply().text()).isEqualTo("no connection in time");
            });
    rig.assertOver();
  }
}
