package org.flywheelmta.bench.bare;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.netty.buffer.Unpooled;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class BlocksTest {
  private static final int SIZE = 1 << 20;
  private static final int BLOCK = 4_096;

  @TempDir private Path folder;

  @Test
  void eachBatchBeginsWithABlockAndTheFileKeepsItsSize() throws Exception {
    var file = folder.resolve("blocks");
    try (var blocks = Blocks.create(file, SIZE)) {
      blocks.commit(List.of(letter("one"), letter("two")));
      blocks.commit(List.of(letter("three")));
    }
    assertThat(Files.size(file)).isEqualTo(SIZE);
    var octets = Files.readString(file, StandardCharsets.ISO_8859_1);
    assertThat(octets).startsWith("\0\0\0\1\0\0\0\3eone\0\0\0\1\0\0\0\3etwo\0\0");
    assertThat(octets.substring(BLOCK)).startsWith("\0\0\0\1\0\0\0\5ethree\0");
  }

  @Test
  void atTheEndOfTheFileItGoesOnAtTheBeginning() throws Exception {
    var file = folder.resolve("blocks");
    var large = "x".repeat(SIZE / 2 - BLOCK);
    try (var blocks = Blocks.create(file, SIZE)) {
      blocks.commit(List.of(letter("a" + large)));
      blocks.commit(List.of(letter("b" + large)));
      blocks.commit(List.of(letter("c" + large)));
    }
    assertThat(Files.size(file)).isEqualTo(SIZE);
    assertThat(Files.readString(file, StandardCharsets.ISO_8859_1).substring(8))
        .startsWith("ecxxx");
  }

  @Test
  void whatIsLargerThanTheFileFails() throws Exception {
    try (var blocks = Blocks.create(folder.resolve("blocks"), SIZE)) {
      assertThatThrownBy(() -> blocks.commit(List.of(letter("x".repeat(SIZE)))))
          .isInstanceOf(IOException.class);
    }
  }

  /** No session is needed to be stored. */
  @SuppressWarnings("NullAway")
  private static Letter letter(String content) {
    var letter = new Letter(null, Unpooled.copiedBuffer("e", StandardCharsets.US_ASCII), 1);
    letter.add(Unpooled.copiedBuffer(content, StandardCharsets.US_ASCII));
    return letter;
  }
}
