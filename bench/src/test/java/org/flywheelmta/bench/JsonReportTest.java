package org.flywheelmta.bench;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class JsonReportTest {
  @TempDir private Path folder;

  @Test
  void everyRunIsWrittenWithMachineDateAndVersions() throws Exception {
    var file = folder.resolve("result.json");
    var table =
        new RelayTable(
            RelayCase.KEPT_20,
            List.of(FiguresTest.run("ours", 1, 2, 1, ""), FiguresTest.run("ours", 2, 4, 1, "bad")));
    var machine = new Machine("a \"fast\" one", 2, 1_024, "Linux 1", "Java 25");
    try (var report =
        JsonReport.begin(
            file, "relay", Instant.ofEpochSecond(0, 5), machine, Map.of("ours", "abc+"))) {
      RelayReport.write(report.json(), List.of(table));
    }
    assertThat(Files.readString(file))
        .startsWith(
            "{\"benchmark\":\"relay\",\"date\":\"1970-01-01T00:00:00Z\",\"machine\":"
                + "{\"processor\":\"a \\\"fast\\\" one\",\"cores\":2,\"memory_bytes\":1024,"
                + "\"kernel\":\"Linux 1\",\"java\":\"Java 25\"},\"versions\":{\"ours\":\"abc+\"},"
                + "\"medians\":[{\"case\":\"kept-20\",\"peer\":\"ours\","
                + "\"accepted_per_second\":1000.0,\"end_to_end_per_second\":500.0,")
        .contains("\"round\":1,\"messages\":1000,\"accepted_nanos\":1000000000,")
        .endsWith("\"error\":\"bad\"}]}\n");
  }
}
