package org.flywheelmta.bench.micro;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class MicroBenchmarksTest {
  @TempDir private Path folder;

  @Test
  void spoolCommitsAloneAndTogetherAndTakesOutcomes() throws Exception {
    System.setProperty(SpoolBenchmark.FOLDER, folder.toString());
    try {
      var benchmark = new SpoolBenchmark();
      benchmark.commit();
      benchmark.commitTogether();
      var undelivered = new SpoolBenchmark.Undelivered();
      undelivered.fill(benchmark);
      benchmark.outcomes(undelivered);
      benchmark.close();
    } finally {
      System.clearProperty(SpoolBenchmark.FOLDER);
    }
    assertThat(folder)
        .isDirectoryContaining(path -> path.getFileName().toString().startsWith("spool-"));
  }

  @Test
  void queueDeliversToOneDomainAndToManyAndKeepsNothing() throws Exception {
    var benchmark = new QueueBenchmark();
    benchmark.oneDomain();
    benchmark.manyDomains();
    benchmark.oneDomain();
    benchmark.stop();
  }
}
