package org.flywheelmta.bench;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.OptionalLong;
import org.junit.jupiter.api.Test;

/** The arithmetic of {@code idle}. */
final class IdleTest {
  private static final Percentiles TIMES = new Percentiles(10, 100, 200, 300, 400, 500);

  private static IdleResult result(OptionalLong heap, String failure) {
    return new IdleResult(
        1_000,
        new IdleResult.Memory(100 << 20, OptionalLong.of(10 << 20)),
        new IdleResult.Memory((100 << 20) + 2_048_000, heap),
        TIMES,
        TIMES,
        failure);
  }

  @Test
  void memoryIsDividedAmongTheConnections() {
    var result = result(OptionalLong.of((10 << 20) + 512_000), "");
    assertThat(result.kibEach()).isEqualTo(2.0);
    assertThat(result.heapKibEach()).isEqualTo(0.5);
    assertThat(result.lines())
        .contains(
            "1,000 silent connections",
            "memory (PSS): 100.0 MiB before, 102.0 MiB after, 2.00 KiB for each connection")
        .anyMatch(line -> line.startsWith("heap after a full collection"))
        .noneMatch(line -> line.startsWith("FAILED"));
  }

  @Test
  void unknownHeapIsLeftOut() {
    var result = result(OptionalLong.empty(), "gone");
    assertThat(result.heapKibEach()).isNaN();
    assertThat(result.lines()).contains("FAILED: gone").noneMatch(line -> line.startsWith("heap"));
  }

  @Test
  void heapIsTheSumOfItsGenerations() {
    var serial =
        """
        42:
        DefNew     total 9792K, used 3K [0x1, 0x2, 0x3)
         eden space 8704K,   0% used [0x1, 0x2, 0x3)
        Tenured    total 21888K, used 7M [0x1, 0x2, 0x3)
         Metaspace       used 13442K, committed 13632K, reserved 1114112K
          class space    used 1500K, committed 1600K, reserved 1048576K
        """;
    assertThat(HeapUse.used(serial)).hasValue((7 << 20) + 3 * 1_024);
    assertThat(HeapUse.used(" ZHeap           used 2G, capacity 3G, max 4G")).hasValue(2L << 30);
    assertThat(HeapUse.used("no such process")).isEmpty();
  }
}
