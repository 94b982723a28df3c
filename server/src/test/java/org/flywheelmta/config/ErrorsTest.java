package org.flywheelmta.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What operators read when a configuration does not hold. */
final class ErrorsTest {
  /** {@code errors.txt} holds configurations, each between marks, and what is printed for each. */
  @Test
  void everyErrorNamesItsPlaceAndWhatWouldBeRight() throws IOException {
    var text = resource("errors.txt");
    var wrong = new ArrayList<String>();
    var cases = List.of(text.split("(?m)^<<<\n", -1));
    for (var one : cases.subList(1, cases.size())) {
      var cut = one.indexOf("\n>>>\n");
      var config = one.substring(0, cut);
      var failed = Configured.failed(Configured.load(Sample.SCHEMA, config)) + "\n";
      if (!failed.equals(one.substring(cut + 5))) {
        wrong.add("<<<\n" + config + "\n>>>\n" + failed);
      }
    }
    assertThat(cases).hasSizeGreaterThan(50);
    assertThat(wrong).as(() -> "now printed:\n" + String.join("", wrong)).isEmpty();
  }

  @Test
  void overridesAreErrorsOfTheirOwn() {
    assertThat(override("log_level=nope"))
        .isEqualTo(
            """
            --set:1:11: log_level: "nope" is not known; it takes one of debug, info, error, such as debug
            log_level=nope
                      ^\
            """);
    assertThat(override("loglevel=info"))
        .startsWith(
            "--set:1:1: unknown option \"loglevel\" at the top level; did you mean \"log_level\"?");
    assertThat(override("log_level")).startsWith("--set:1:1: what is set is written key=value\n");
    assertThat(override("domain x { }")).startsWith("--set:1:1: what is set is written");
    assertThat(override("include nix")).startsWith("--set:1:1: what is set is written");
    assertThat(override("log_level=")).startsWith("--set:1:11: a value is expected here, not the");
    assertThat(override("log_level=info x=y"))
        .startsWith("--set:1:16: \"x\" comes after the value");
  }

  private static String override(String text) {
    return Configured.failed(Configured.load(Sample.SCHEMA, "", text));
  }

  @Test
  void anOverrideWinsOverTheFile() {
    var generation =
        Configured.by(
            Sample.SCHEMA, "log_level = error", "log_level=debug", "headers = [ a = 'b c' ]");

    assertThat(generation.global().get(Sample.LEVEL)).isEqualTo(Sample.Level.DEBUG);
    assertThat(generation.global().get(Sample.HEADERS)).containsEntry("a", "b c");
    assertThat(generation.global().find(Sample.LEVEL).at()).hasToString("Optional[--set:1:1]");
  }

  @Test
  void bytesThatAreNoTextAreOneError() {
    assertThat(bytes("log_level = info\n\n  \u00e9t\u00e9", StandardCharsets.ISO_8859_1))
        .startsWith("flywheel.conf:3:3: not UTF-8: save the file in that encoding\n  ");
    assertThat(bytes("log_level = \"a\0b\"", StandardCharsets.UTF_8))
        .isEqualTo(
            """
            flywheel.conf:1:15: a NUL character: this is no text file
            log_level = "a?b"
                          ^\
            """);
    assertThat(bytes("a\u0000", StandardCharsets.UTF_16))
        .startsWith("flywheel.conf:1:1: not UTF-8");
  }

  private static String bytes(String text, Charset charset) {
    var files = new MemoryConfigFiles().with(Configured.FILE, text.getBytes(charset));
    return Configured.failed(Configured.load(Sample.SCHEMA, files));
  }

  @Test
  void controlCharactersNeverReachTheTerminal() {
    var failed =
        Configured.failed(
            Configured.load(Sample.SCHEMA, "a = \"\u001b[2J\"\nb\u009b = \"\u0007\""));

    assertThat(failed).contains("flywheel.conf:1:6: a control character, code 27");
    assertThat(failed.chars().filter(c -> c != '\n')).noneMatch(Character::isISOControl);
  }

  @Test
  void aMissingFileIsAnErrorWithoutALine() {
    assertThat(Configured.failed(Configured.load(Sample.SCHEMA, new MemoryConfigFiles())))
        .isEqualTo("flywheel.conf:1:1: cannot be read: no such file");
    var folder = new MemoryConfigFiles().with("flywheel.conf/a.conf", "");
    assertThat(Configured.failed(Configured.load(Sample.SCHEMA, folder)))
        .isEqualTo("flywheel.conf:1:1: this is a folder, not a file");
  }

  @Test
  void errorsEndAtTheirLimit() {
    var failed = Configured.load(Sample.SCHEMA, "nothing = 1\n= 2\n".repeat(1000));

    assertThat(failed)
        .isInstanceOfSatisfying(
            Loaded.Failed.class, f -> assertThat(f.errors()).hasSize(Limits.ERRORS));
  }

  @Test
  void aLongLineIsShownAroundTheError() {
    var failed =
        Configured.failed(
            Configured.load(
                Sample.SCHEMA, "# \n" + "log_level = info ".repeat(500) + "log_level = x"));

    assertThat(failed).startsWith("flywheel.conf:2:8513: log_level: \"x\" is not known");
    var lines = failed.lines().toList();
    assertThat(lines.get(1)).hasSizeLessThanOrEqualTo(Limits.SHOWN_LINE);
    assertThat(lines.get(1).charAt(lines.get(2).indexOf('^'))).isEqualTo('x');
  }

  @Test
  void anOptionSetTwiceInOneFileIsAWarning() {
    var loaded = Configured.load(Sample.SCHEMA, "log_level = info\nlog_level = debug");

    assertThat(loaded)
        .isInstanceOfSatisfying(
            Loaded.Ok.class,
            ok -> {
              assertThat(ok.generation().global().get(Sample.LEVEL)).isEqualTo(Sample.Level.DEBUG);
              assertThat(ok.warnings().getFirst().print())
                  .isEqualTo(
                      """
                      flywheel.conf:2:1: warning: log_level is set before, at flywheel.conf:1:1
                      log_level = debug
                      ^\
                      """);
            });
  }

  @Test
  void tooManyStanzasWithinStanzasAreAnError() {
    var deep = "spool { volume { ".repeat(40);

    assertThat(Configured.failed(Configured.load(Sample.SCHEMA, deep)))
        .contains("more than " + Limits.NESTING + " stanzas within stanzas")
        .containsOnlyOnce("is never closed");
    var lists = "headers = " + "( ".repeat(10_000);
    assertThat(Configured.failed(Configured.load(Sample.SCHEMA, lists)))
        .contains("more than " + Limits.NESTING + " lists within lists");
    var closed = "domain x { ".repeat(10_000) + "}".repeat(10_000);
    assertThat(Configured.failed(Configured.load(Sample.SCHEMA, closed)))
        .contains("more than " + Limits.NESTING + " stanzas within stanzas")
        .doesNotContain("closes nothing");
  }

  @Test
  void aPatternHasALimit() {
    var longest = "domain \"/" + "a".repeat(Limits.PATTERN_LENGTH) + "/\" { }";

    assertThat(Configured.failed(Configured.load(Sample.SCHEMA, longest)))
        .startsWith("flywheel.conf:1:8: a pattern of more than 512 characters");
  }

  static String resource(String name) throws IOException {
    try (var in = ErrorsTest.class.getResourceAsStream(name)) {
      assertThat(in).isNotNull();
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    }
  }
}
