package org.flywheelmta.scheduler;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import org.junit.jupiter.api.Test;

/** Which engines there are, and how it is said why one is not. */
final class IoEngineTest {
  @Test
  void selectorOfTheJdkIsAlwaysThereAndTheDefaultIsAmongThoseThatAre() {
    assertThat(IoEngine.NIO.lack()).isNull();
    assertThat(IoEngine.available()).contains(IoEngine.NIO, IoEngine.auto());
    assertThat(IoEngine.auto()).isNotEqualTo(IoEngine.IO_URING);
  }

  @Test
  void reasonIsTheFirstLineOfWhatLiesAtTheBottom() {
    var bottom = new IOException("not permitted\nin a container");
    var wrapped = new IllegalStateException("failed", new RuntimeException("no ring", bottom));
    assertThat(IoEngine.reason(wrapped)).isEqualTo("not permitted");
    assertThat(IoEngine.reason(new UnsatisfiedLinkError())).contains("UnsatisfiedLinkError");
    assertThat(IoEngine.reason(null)).isNull();
  }
}
