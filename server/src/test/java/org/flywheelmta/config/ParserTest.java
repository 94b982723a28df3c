package org.flywheelmta.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The trees that texts become. */
final class ParserTest {
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "key = value | key=<value>",
        "a=b c=d | a=<b> c=<d>",
        "a =b# comment | a=<b>",
        "/* a */ a /* b */ = /* c */ b/* d */ | a=<b>",
        "a = /x/y*z | a=</x/y*z>",
        "a = \"x y\" | a=<x y>",
        "a = 'x \"y\"' | a=<x \"y\">",
        "a = \"\" | a=<>",
        "a = \"# /* ( [ { = ,\" | a=<# /* ( [ { = ,>",
        "a = \"q\\\"q \\\\ \\' \\.\" | a=<q\"q \\ ' \\.>",
        "a = ( ) | a=()",
        "a = ( x ) | a=(<x>)",
        "a = ( x y, z ) | a=(<x> <y> <z>)",
        "a = ( x, y, ) | a=(<x> <y>)",
        "a = (x,(y z),[k=v]) | a=(<x> (<y> <z>) [k=<v>])",
        "a = [ ] | a=[]",
        "a = [ k = v l = ( x ), m = 'n' ] | a=[k=<v> l=(<x>) m=<n>]",
        "Name { } | Name {}",
        "Name \"in st\" { a = b } | Name <in st> {a=<b>}",
        "Name inst{a=b}c=d | Name <inst> {a=<b>} c=<d>",
        "a { b { c = d } e = f } | a {b {c=<d>} e=<f>}",
        "include = x | include=<x>",
        "include { a = b } | include {a=<b>}",
      })
  void textsBecomeTrees(String text, String tree) {
    assertThat(parsed(text)).isEqualTo(tree);
  }

  @Test
  void valuesMayBeginOnTheNextLine() {
    assertThat(parsed("a =\n  ( b\n  c )\nd\n=\ne\nf = g")).isEqualTo("a=(<b> <c>) d=<e> f=<g>");
  }

  @Test
  void linesMayEndAsOnOtherSystemsAndAByteOrderMarkIsNoText() {
    assertThat(parsed("\uFEFFa = b # c\r\nd {\r\n  e = \"f\"\r\n}\r\n"))
        .isEqualTo("a=<b> d {e=<f>}");
    assertThat(Configured.failed(Configured.load(Sample.SCHEMA, "\uFEFFa = b\r\n\r\n c = 'd\r\n")))
        .isEqualTo(
            """
            flywheel.conf:1:1: unknown option "a" at the top level
            a = b
            ^
            flywheel.conf:3:2: unknown option "c" at the top level
             c = 'd
             ^
            flywheel.conf:3:6: this string is not closed on its line: ' is missing
             c = 'd
                 ^\
            """);
  }

  @Test
  void escapesOfLinesAndTabsAreKnown() {
    assertThat(parsed("a = \"x\\ty\\r\\nz\"")).isEqualTo("a=<x\ty\r\nz>");
  }

  private static String parsed(String text) {
    var errors = new Errors();
    var files = new MemoryConfigFiles().with("a", text);
    var includes = new Includes(files, errors);
    var all = new Block(new Value.Text("", includes.text("a", "").at(0)), null);
    includes.first("a", source -> new Parser(source, includes, errors).parse(all, 0));
    assertThat(errors.errors()).isEmpty();
    return entries(all);
  }

  private static String entries(Block block) {
    return block.entries().stream().map(ParserTest::shown).collect(Collectors.joining(" "));
  }

  private static String shown(Entry entry) {
    return switch (entry) {
      case Entry.Assignment(var key, var value) -> key.text() + "=" + shown(value);
      case Block block ->
          block.name().text()
              + (block.instance() == null ? "" : " " + shown(block.instance()))
              + (" {" + entries(block) + "}");
    };
  }

  private static String shown(Value value) {
    return switch (value) {
      case Value.Text text -> "<" + text.text() + ">";
      case Value.Items items ->
          items.items().stream().map(ParserTest::shown).collect(Collectors.joining(" ", "(", ")"));
      case Value.Pairs pairs ->
          pairs.pairs().stream()
              .map(p -> p.key().text() + "=" + shown(p.value()))
              .collect(Collectors.joining(" ", "[", "]"));
    };
  }
}
