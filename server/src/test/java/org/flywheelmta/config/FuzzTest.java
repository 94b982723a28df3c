package org.flywheelmta.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/** Whatever is written, a load ends with a generation or with errors, in linear time. */
final class FuzzTest {
  private static final int ROUNDS = 3_000;
  private static final List<String> SNIPPETS =
      List.of(
          "{",
          "}",
          "(",
          ")",
          "[",
          "]",
          "=",
          ",",
          "\"",
          "'",
          "\\",
          "#",
          "/*",
          "*/",
          "\n",
          "\r\n",
          "\0",
          "\uFEFF",
          "\u001b",
          "\u00e9",
          ";",
          "domain \"/(a|b)*/\" {",
          "include a.conf ",
          "include conf.d\n",
          "binding_group g { binding b { host h { ",
          "peer \"::/0\" {",
          "= ( ( (",
          "= [ a = [",
          "retry_interval",
          "99999999999999999999",
          "gateway = \"[::1]:25\"");

  @Test
  void anyTextEndsInADeclaredResult() throws IOException {
    var seed = Seed.of("FuzzTest");
    var random = new SplittableRandom(seed.number());
    var start = ErrorsTest.resource("errors.txt").getBytes(StandardCharsets.UTF_8);
    for (int round = 0; round < ROUNDS; round++) {
      var bytes = round % 4 == 0 ? noise(random) : mutated(start, random);
      var files =
          new MemoryConfigFiles()
              .with(Configured.FILE, bytes)
              .with("a.conf", mutated(start, random))
              .with("conf.d/b.conf", mutated(start, random));
      try {
        check(Configured.load(Sample.SCHEMA, files));
      } catch (RuntimeException | StackOverflowError e) {
        throw new AssertionError("round " + round + "; " + seed.replay(), e);
      }
    }
  }

  private static void check(Loaded loaded) {
    switch (loaded) {
      case Loaded.Ok(var generation, _) -> {
        generation.domain("b", "a.example").get(Sample.CONNECTIONS);
        for (var listener : generation.listeners(Sample.ESMTP)) {
          listener.listens().forEach(l -> l.scopeFor(new byte[4]).get(Sample.TARPIT));
        }
      }
      case Loaded.Failed(var errors) -> {
        assertThat(errors).isNotEmpty().hasSizeLessThanOrEqualTo(Limits.ERRORS);
        assertThat(errors).allMatch(e -> e.at().line() > 0 && e.at().column() > 0);
        assertThat(errors).noneMatch(e -> e.print().contains("\u001b"));
      }
    }
  }

  private static byte[] noise(SplittableRandom random) {
    var bytes = new byte[random.nextInt(300)];
    random.nextBytes(bytes);
    for (int i = 0; i < bytes.length; i++) {
      bytes[i] &= (byte) (random.nextInt(50) == 0 ? 0xff : 0x7f);
      bytes[i] |= (byte) (bytes[i] == 0 ? ' ' : 0);
    }
    return bytes;
  }

  /** A part of the given text with snippets thrown in, and pieces left out and repeated. */
  private static byte[] mutated(byte[] start, SplittableRandom random) {
    var from = random.nextInt(start.length);
    var length = Math.min(start.length - from, random.nextInt(600));
    var text = new StringBuilder(new String(start, from, length, StandardCharsets.UTF_8));
    for (int i = random.nextInt(6); i > 0; i--) {
      var at = random.nextInt(text.length() + 1);
      var end = Math.min(text.length(), at + random.nextInt(20));
      switch (random.nextInt(3)) {
        case 0 -> text.insert(at, SNIPPETS.get(random.nextInt(SNIPPETS.size())));
        case 1 -> text.delete(at, end);
        default -> text.insert(at, text.substring(at, end).repeat(3));
      }
    }
    return text.toString().getBytes(StandardCharsets.UTF_8);
  }

  @Test
  void everySnippetTakesStepsInProportionToItsLength() {
    for (var snippet : SNIPPETS) {
      var half = steps(snippet.repeat(1_000));
      var whole = steps(snippet.repeat(2_000));
      assertThat(half).as(snippet).isLessThanOrEqualTo(snippet.length() * 1_000L);
      assertThat(whole).as(snippet).isLessThanOrEqualTo(2 * half + 1);
    }
  }

  @Test
  void aGoodTextIsReadOnce() {
    var good = "domain a { retry_interval = 20m /* x */ gateway = \"h:1\" } # y\n";
    for (int times : new int[] {1, 1_000, 2_000}) {
      assertThat(steps(good.repeat(times))).isEqualTo((long) good.length() * times);
    }
  }

  private static long steps(String text) {
    var errors = new Errors();
    var includes = new Includes(new MemoryConfigFiles(), errors);
    var source = includes.text("a", text);
    var parser = new Parser(source, includes, errors);
    parser.parse(new Block(new Value.Text("", source.at(0)), null), 0);
    return parser.steps();
  }
}
