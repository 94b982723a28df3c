package org.flywheelmta.torture;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class JournalTest {
  @TempDir Path folder;

  @Test
  void linesComeBackInOrder() throws IOException {
    var file = folder.resolve("journal");
    try (var journal = Journal.open(file)) {
      journal.force("one 1");
      journal.write("two ü");
    }
    assertThat(lines(file)).containsExactly("one 1", "two ü");
  }

  @Test
  void addedLinesComeWithTheNextWriteOrForceOrAtTheClose() throws IOException {
    var file = folder.resolve("journal");
    try (var journal = Journal.open(file)) {
      journal.add("one");
      assertThat(lines(file)).isEmpty();
      journal.write("two");
      assertThat(lines(file)).containsExactly("one", "two");
      journal.add("three");
      journal.force();
      assertThat(lines(file)).hasSize(3);
      journal.add("four");
      journal.write();
      assertThat(lines(file)).hasSize(4);
      journal.add("five");
    }
    assertThat(lines(file)).containsExactly("one", "two", "three", "four", "five");
  }

  @Test
  void readingCanEndAtALength() throws IOException {
    var file = folder.resolve("journal");
    try (var journal = Journal.open(file)) {
      journal.write("one");
      var tail = new JournalTail(file);
      long limit = tail.length();
      journal.write("two");
      var seen = new ArrayList<String>();
      tail.read(limit + 3, seen::add);
      assertThat(seen).containsExactly("one");
      tail.read(seen::add);
      assertThat(seen).containsExactly("one", "two");
    }
  }

  @Test
  void tornLastLineIsLeftOutAndCutOffAtTheNextOpening() throws IOException {
    var file = folder.resolve("journal");
    try (var journal = Journal.open(file)) {
      journal.force("one");
      journal.force("two");
    }
    byte[] whole = Files.readAllBytes(file);
    int firstLine = Journal.seal("one").length() + 1;
    for (int length = firstLine; length < whole.length; length++) {
      Files.write(file, java.util.Arrays.copyOf(whole, length));
      assertThat(lines(file)).containsExactly("one");
      try (var journal = Journal.open(file)) {
        journal.force("three");
      }
      assertThat(lines(file)).containsExactly("one", "three");
    }
  }

  @Test
  void damageBeforeWholeLinesIsAnError() throws IOException {
    var file = folder.resolve("journal");
    try (var journal = Journal.open(file)) {
      journal.force("one");
      journal.force("two");
    }
    byte[] bytes = Files.readAllBytes(file);
    bytes[1] ^= 1;
    Files.write(file, bytes);
    assertThatThrownBy(() -> lines(file)).isInstanceOf(IOException.class);
  }

  @Test
  void readingGoesOnWhereItEnded() throws IOException {
    var file = folder.resolve("journal");
    try (var journal = Journal.open(file)) {
      journal.write("one");
      var tail = new JournalTail(file);
      var seen = new ArrayList<String>();
      tail.read(seen::add);
      String late = Journal.seal("two") + '\n';
      Files.writeString(file, late.substring(0, 4), StandardOpenOption.APPEND);
      tail.read(seen::add);
      assertThat(seen).containsExactly("one");
      Files.writeString(file, late.substring(4), StandardOpenOption.APPEND);
      tail.read(seen::add);
      assertThat(seen).containsExactly("one", "two");
    }
  }

  @Test
  void manyThreadsShareTheFileWithoutMixingTheirLines() throws Exception {
    var file = folder.resolve("journal");
    var expected = new ArrayList<String>();
    try (var journal = Journal.open(file);
        var threads = Executors.newFixedThreadPool(8)) {
      var jobs = new ArrayList<Callable<Boolean>>();
      for (int i = 0; i < 400; i++) {
        String line = "line " + i;
        boolean force = i % 3 == 0;
        expected.add(line);
        jobs.add(
            () -> {
              if (force) {
                journal.force(line);
              } else {
                journal.write(line);
              }
              return force;
            });
      }
      for (var job : threads.invokeAll(jobs)) {
        job.get();
      }
    }
    assertThat(lines(file)).containsExactlyInAnyOrderElementsOf(expected);
  }

  @Test
  void failedJournalTakesNoMoreLines() throws IOException {
    var journal = Journal.open(folder.resolve("journal"));
    journal.close();
    assertThatThrownBy(() -> journal.force("one")).isInstanceOf(IOException.class);
    assertThatThrownBy(() -> journal.write("two"))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("failed earlier");
  }

  private static List<String> lines(Path file) throws IOException {
    var lines = new ArrayList<String>();
    new JournalTail(file).read(lines::add);
    return lines;
  }
}
