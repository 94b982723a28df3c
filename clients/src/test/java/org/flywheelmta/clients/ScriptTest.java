package org.flywheelmta.clients;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class ScriptTest {
  private static final List<String> BOB = List.of("bob@y.test");

  private static String action(Script script, Moment moment) {
    return switch (script.decide(moment, "a@x.test", BOB).action()) {
      case Action.Ordinary() -> "ordinary";
      case Action.Answer(int code, var lines) -> code + " " + String.join("|", lines);
      case Action.Say(var text) -> "say " + text;
      case Action.Close() -> "close";
      case Action.Reset() -> "reset";
      case Action.Silence() -> "silence";
    };
  }

  @Test
  void firstRuleThatFitsCountsAndOthersAreOrdinary() {
    var script =
        Script.parse(
            "script",
            """
            # comment
            rcpt to=carol@* 550 5.1.1 not carol

            rcpt to=*@Y.TEST from=a@*   450 4.2.1 first
            rcpt                        550 5.1.1 second
            """);
    assertThat(action(script, Moment.RCPT)).isEqualTo("450 4.2.1 first");
    assertThat(action(script, Moment.DATA)).isEqualTo("ordinary");
  }

  @ParameterizedTest
  @CsvSource({
    "time=2, -x---",
    "time=2-3, -xx--",
    "time=4-, ---xx",
    "every=2, x-x-x",
    "time=2- every=3, -x--x",
    "time=1-2 every=2, x----"
  })
  void timesAreChosen(String condition, String expected) {
    var script = Script.parse("script", "end " + condition + " close");
    var hits = new ArrayList<String>();
    for (int i = 0; i < expected.length(); i++) {
      hits.add(action(script, Moment.END).equals("close") ? "x" : "-");
    }
    assertThat(String.join("", hits)).isEqualTo(expected);
  }

  private static int code(Script script, String sender, String... recipients) {
    return script.decide(Moment.RCPT, sender, List.of(recipients)).action()
            instanceof Action.Answer answer
        ? answer.code()
        : 250;
  }

  @Test
  void timesAreCountedForEachRecipientOrSenderApart() {
    var greylist = Script.parse("script", "rcpt to=*@y.test per=to time=1-2 450 4.7.1 greylisted");
    assertThat(code(greylist, "a@x.test", "bob@y.test")).isEqualTo(450);
    assertThat(code(greylist, "b@x.test", "carol@z.test", "Bob@y.test")).isEqualTo(450);
    assertThat(code(greylist, "a@x.test", "carol@y.test")).isEqualTo(450);
    assertThat(code(greylist, "a@x.test", "bob@y.test")).isEqualTo(250);
    var once = Script.parse("script", "rcpt per=from time=1 450 4.7.1 once");
    assertThat(code(once, "a@x.test", "bob@y.test")).isEqualTo(450);
    assertThat(code(once, "a@x.test", "carol@y.test")).isEqualTo(250);
    assertThat(code(once, "b@x.test", "carol@y.test")).isEqualTo(450);
  }

  @Test
  void nameThatCameLeastRecentlyIsForgottenBeyondTheMost() {
    var times = new Times();
    times.count("first");
    times.count("second");
    for (int i = 0; i < Times.NAMES_MAX - 2; i++) {
      times.count("other " + i);
    }
    assertThat(times.count("first")).isEqualTo(2);
    times.count("one more");
    assertThat(times.next("first")).isEqualTo(3);
    assertThat(times.next("second")).isEqualTo(1);
  }

  @Test
  void whatIsForeseenIsNotCounted() {
    var script = Script.parse("script", "end time=2 close\nend time=3- reset");
    for (int i = 0; i < 3; i++) {
      assertThat(script.foresee(Moment.END, "", BOB).isOrdinary()).isTrue();
    }
    assertThat(action(script, Moment.END)).isEqualTo("ordinary");
    assertThat(script.foresee(Moment.END, "", BOB).action()).isEqualTo(new Action.Close());
    assertThat(action(script, Moment.END)).isEqualTo("close");
  }

  @Test
  void objectionNamesTheRule() {
    var script = Script.parse("rules", "end close\n\nrcpt reset");
    assertThatThrownBy(
            () ->
                script.examine(
                    (moment, action) -> action instanceof Action.Reset ? "no resets" : null))
        .isInstanceOf(BadScript.class)
        .hasMessage("rules:3: no resets");
  }

  @Test
  void waitGoesBeforeAnActionOrTheOrdinaryReply() {
    var script = Script.parse("script", "end time=1 wait 5s 451 4.3.0 late\nend wait 10ms");
    var first = script.decide(Moment.END, "", BOB);
    assertThat(first.waitNanos()).isEqualTo(TimeUnit.SECONDS.toNanos(5));
    assertThat(first.action()).isEqualTo(new Action.Answer(451, List.of("4.3.0 late")));
    var second = script.decide(Moment.END, "", BOB);
    assertThat(second.waitNanos()).isEqualTo(TimeUnit.MILLISECONDS.toNanos(10));
    assertThat(second.action()).isEqualTo(new Action.Ordinary());
  }

  @ParameterizedTest
  @CsvSource(
      quoteCharacter = '"',
      delimiter = '|',
      textBlock =
          """
          helo 250 ok          | 'helo' is no moment; there are connect, ehlo,
          rcpt time=0 close    | '0' is no number from 1
          rcpt time=3-2 close  | '3-2' ends before it begins
          rcpt wait soon close | 'soon' is not a duration
          rcpt clsoe           | 'clsoe' is no action
          rcpt 99 no           | '99' is no action
          rcpt close now       | 'now' is too much
          rcpt whom=x close    | 'whom=x' is no action
          rcpt per=all close   | 'all' is neither to nor from
          body 250 ok          | nothing can be answered within a body
          """)
  void lineThatSaysNothingIsNamedWithItsPlace(String line, String complaint) {
    assertThatThrownBy(() -> Script.parse("rules", "# first\n" + line))
        .isInstanceOf(BadScript.class)
        .hasMessageStartingWith("rules:2: " + complaint);
  }

  @ParameterizedTest
  @CsvSource({
    "*, anything, true",
    "*@x.test, A@X.Test, true",
    "a*c*e, abcde, true",
    "a*c*e, abcdef, false",
    "*b*b, abab, true",
    "abc, ab, false",
    "ab*, ab, true",
    "*@x.test, a@y.test, false"
  })
  void starsStandForAnything(String pattern, String text, boolean matches) {
    assertThat(new Wildcard(pattern).matches(text)).isEqualTo(matches);
  }
}
