package org.flywheelmta.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.flywheelmta.base.BugException;
import org.junit.jupiter.api.Test;

/** Declarations that cannot hold are bugs; those that can make the manual. */
final class SchemaTest {
  private static final Option<String> A =
      Option.of("a", Types.string(), "").in(ScopeKind.GLOBAL, ScopeKind.DOMAIN).manual("A.");

  @Test
  void twoOptionsOfOneNameInOneScopeAreABug() {
    var twin = Option.of("a", Types.bool(), true).in(ScopeKind.DOMAIN).manual("Twin.");
    var other = Option.of("a", Types.bool(), true).in(ScopeKind.HOST).manual("Other.");

    assertBug(
        () -> Schema.builder().options(A, twin).build(), "option a is declared twice for domain");
    assertBug(() -> Schema.builder().options(A, A).build(), "an option is added twice");
    assertThat(Schema.builder().options(A, other).build().options()).hasSize(2);
  }

  @Test
  void twoOptionsMayNotMeetInAListener() {
    var esmtp = ListenerKind.of("esmtp_listener");
    var all = Option.of("b", Types.bool(), true).in(ScopeKind.LISTEN).manual("All.");
    var one = Option.of("b", Types.bool(), true).in(esmtp.scopes()).manual("One.");

    assertBug(
        () -> Schema.builder().listener(esmtp).options(all, one).build(),
        "option b is declared twice for listen of esmtp_listener");
  }

  @Test
  void twoStanzasOfOneNameInOnePlaceAreABug() {
    var twin = ScopeKind.stanza("domain", ScopeKind.Naming.NAME);
    var lost = ScopeKind.stanza("lost", ScopeKind.Naming.NONE, twin);

    assertBug(
        () -> Schema.builder().stanzas(twin).build(),
        "stanza domain is declared twice for the top level");
    assertBug(() -> Schema.builder().stanzas(lost).build(), "stanza lost stands in an unknown one");
  }

  @Test
  void anOptionNeedsScopesTextAndAGoodDefault() {
    var nowhere = Option.of("a", Types.bool(), true).manual("A.");
    var listenersAlone = nowhere.in(ScopeKind.LISTENER);
    var silent = Option.of("a", Types.bool(), true).in(ScopeKind.GLOBAL);

    assertBug(() -> Schema.builder().options(nowhere).build(), "option a can be set nowhere");
    assertBug(
        () -> Schema.builder().options(listenersAlone).build(), "option a can be set nowhere");
    assertBug(() -> Schema.builder().options(silent).build(), "option a has no manual text");
    assertBug(() -> Option.of("A", Types.bool(), true), "no name for an option: A");
    assertBug(
        () -> Option.of("a", Types.int32(1, 2), 3), "the default of a is no value of its type");
  }

  @Test
  void askingForAnOptionThatNobodyDeclaredIsABug() {
    var generation = Configured.by(Sample.SCHEMA, "");

    assertBug(() -> generation.global().get(A), "an option that the schema does not know");
  }

  @Test
  void theManualIsMadeOfTheDeclarations() {
    assertThat(Manual.of(Sample.SCHEMA, "Retry_Interval"))
        .contains(
            """
            retry_interval
              type     duration
              takes    a duration such as 20m, 1h30m or 10ms, from 0s to 7d; a bare number counts seconds
              unit     seconds, for a bare number
              default  20m
              scopes   the top level, binding_group, binding, domain
              change   at once

              The time from a failed attempt to the next.\
            """);
    assertThat(Manual.of(Sample.SCHEMA, "max_outbound_connections").orElseThrow())
        .contains("  default  32\n", "  default  -1\n", "  scopes   host\n");
    assertThat(Manual.of(Sample.SCHEMA, "spool"))
        .contains("spool\n  stanza   in the top level\n  options  path\n  stanzas  volume");
    assertThat(Manual.of(Sample.SCHEMA, "nothing")).isEmpty();
  }

  @Test
  void suggestionsCountSlipsOfTheFinger() {
    assertThat(Suggestion.distance("", "abc")).isEqualTo(3);
    assertThat(Suggestion.distance("abc", "abc")).isZero();
    assertThat(Suggestion.distance("acb", "abc")).isEqualTo(1);
    assertThat(Suggestion.distance("axc", "abc")).isEqualTo(1);
    assertThat(Suggestion.distance("abcd", "bcde")).isEqualTo(2);
    assertThat(Suggestion.of("x".repeat(10_000), Sample.SCHEMA.optionNames())).isEmpty();
  }

  private static void assertBug(ThrowingCallable call, String text) {
    assertThatThrownBy(call).isInstanceOf(BugException.class).hasMessage(text);
  }
}
