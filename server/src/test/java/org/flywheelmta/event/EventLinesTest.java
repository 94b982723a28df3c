package org.flywheelmta.event;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.json.JsonFactory;

final class EventLinesTest {
  private final EventLines lines = new EventLines("mta-1", 1_795_421_820_123_456L);

  @Test
  void deliveryHasEveryFieldInOrder() throws CharacterCodingException {
    lines.add(Events.delivery("a@example.com", "OK"));
    assertThat(text())
        .isEqualTo(
            "{\"v\":1,\"id\":\"1795421820123456-000000000001\",\"node\":\"mta-1\","
                + "\"time\":1795421821000001,\"type\":\"delivery\",\"message\":\""
                + Events.TRANSACTION
                + "-12\",\"transaction\":\""
                + Events.TRANSACTION
                + "\",\"connection\":9,\"sender\":\"a@example.com\","
                + "\"recipient\":\"b@example.org\",\"binding\":\"default\","
                + "\"domain\":\"example.org\",\"peer\":\"192.0.2.1:25\",\"stage\":\"body\","
                + "\"code\":250,\"enhanced\":\"2.0.0\",\"text\":\"OK\",\"attempt\":1,"
                + "\"bytes\":2048,\"latency_us\":1500}\n");
  }

  @Test
  void emptyFieldsAreLeftOut() throws CharacterCodingException {
    lines.add(Events.rejection());
    assertThat(text())
        .isEqualTo(
            "{\"v\":1,\"id\":\"1795421820123456-000000000001\",\"node\":\"mta-1\","
                + "\"time\":1795421821000001,\"type\":\"rejection\"}\n");
  }

  @Test
  void idsOfOneNodeSortInOrder() throws CharacterCodingException {
    for (int i = 0; i < 12; i++) {
      lines.add(Events.rejection());
    }
    assertThat(text().lines().map(line -> line.substring(8, 47)))
        .doesNotHaveDuplicates()
        .isSorted();
  }

  @Test
  void controlsAndSeparatorsAreEscaped() throws CharacterCodingException {
    lines.add(Events.delivery("a\"\\@b", "\r\n\u001b[2J\0\u007f\u0085\u009b\u2028\u2029"));
    var line = text();
    assertThat(line)
        .contains("\"sender\":\"a\\\"\\\\@b\"")
        .contains("\\r\\n\\u001b[2J\\u0000\\u007f\\u0085\\u009b\\u2028\\u2029\"");
    assertThat(line.lines()).hasSize(1);
  }

  @Test
  void loneSurrogatesAreReplacedAndPairsKept() throws CharacterCodingException {
    lines.add(Events.delivery("\ud83d\ude00", "a\ud83d b\ude00 c\ude00\ud83d"));
    assertThat(text())
        .contains("\"sender\":\"\ud83d\ude00\"")
        .contains("\"a\ufffd b\ufffd c\ufffd\ufffd\"");
  }

  @Test
  void anyTextComesBackAsItWasFromValidUtf8() throws CharacterCodingException {
    long seed = 42;
    var random = new SplittableRandom(seed);
    for (int round = 0; round < 2_000; round++) {
      var sender = text(random);
      var reply = text(random);
      lines.clear();
      lines.add(Events.delivery("s" + sender, "t" + reply));
      var line = text();
      assertThat(line.chars().filter(c -> c == '\n'))
          .as("seed %d, round %d", seed, round)
          .hasSize(1);
      assertThat(field(line, "sender")).isEqualTo("s" + WellFormed.text(sender));
      assertThat(field(line, "text")).isEqualTo("t" + WellFormed.text(reply));
    }
  }

  @Test
  void sizeCountsWhatTheBatchHolds() throws CharacterCodingException {
    int before = lines.size();
    lines.add(Events.delivery("a@example.com", "x".repeat(20_000)));
    assertThat(lines.size() - before).isGreaterThan(20_000);
    assertThat(lines.size()).isEqualTo(lines.bytes().remaining());
    lines.clear();
    assertThat(lines.size()).isZero();
    assertThat(lines.events()).isZero();
  }

  private static String text(SplittableRandom random) {
    var text = new StringBuilder();
    for (int i = random.nextInt(20); i > 0; i--) {
      char character =
          switch (random.nextInt(4)) {
            case 0 -> (char) random.nextInt(0x100);
            case 1 -> (char) (0xd800 + random.nextInt(0x800));
            case 2 -> (char) (0x2020 + random.nextInt(0x20));
            default -> (char) random.nextInt(0x10000);
          };
      text.append(character);
    }
    return text.toString();
  }

  private String text() throws CharacterCodingException {
    ByteBuffer bytes = lines.bytes();
    // A decoder that reports, where a String's constructor would replace.
    return StandardCharsets.UTF_8.newDecoder().decode(bytes).toString();
  }

  private static String field(String line, String name) {
    try (var json = new JsonFactory().createParser(ObjectReadContext.empty(), line)) {
      while (json.nextToken() != null) {
        if (json.currentToken() == JsonToken.PROPERTY_NAME && json.currentName().equals(name)) {
          json.nextToken();
          return json.getString();
        }
      }
    }
    throw new AssertionError("there is no field " + name + " in " + line);
  }
}
