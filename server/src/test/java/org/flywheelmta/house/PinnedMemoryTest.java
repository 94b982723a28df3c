package org.flywheelmta.house;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.platform.engine.discovery.DiscoverySelectors.selectClass;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.PooledByteBufAllocator;
import io.netty.buffer.UnpooledByteBufAllocator;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.platform.engine.TestExecutionResult;
import org.junit.platform.launcher.LauncherDiscoveryRequest;
import org.junit.platform.launcher.TestExecutionListener;
import org.junit.platform.launcher.TestIdentifier;
import org.junit.platform.launcher.core.LauncherDiscoveryRequestBuilder;
import org.junit.platform.launcher.core.LauncherFactory;

/** A test that leaves a buffer fails, by name; its neighbours do not. */
final class PinnedMemoryTest {
  private static final List<ByteBuf> LEFT = new ArrayList<>();
  private static final int BYTES = 4_096;

  @AfterEach
  void giveBack() {
    LEFT.forEach(ByteBuf::release);
    LEFT.clear();
  }

  /** Tests that the tests below run; surefire does not look into classes of classes. */
  static final class Careless {
    private final ByteBuf own = PooledByteBufAllocator.DEFAULT.directBuffer(BYTES);

    @AfterEach
    void giveOwnBack() {
      own.release();
    }

    @Test
    void leavesPooledDirect() {
      LEFT.add(PooledByteBufAllocator.DEFAULT.directBuffer(BYTES));
    }

    @Test
    void leavesPooledHeap() {
      LEFT.add(PooledByteBufAllocator.DEFAULT.heapBuffer(BYTES));
    }

    @Test
    void leavesUnpooled() {
      LEFT.add(UnpooledByteBufAllocator.DEFAULT.directBuffer(BYTES));
    }

    @Test
    void leavesNothing() {
      PooledByteBufAllocator.DEFAULT.directBuffer(BYTES).release();
    }

    @Test
    void leavesNothingWithAWord() {
      UnpooledByteBufAllocator.DEFAULT.heapBuffer(BYTES).release();
    }
  }

  private static List<String> failures() {
    LauncherDiscoveryRequest request =
        LauncherDiscoveryRequestBuilder.request()
            .selectors(selectClass(Careless.class))
            .configurationParameter("junit.jupiter.extensions.autodetection.enabled", "true")
            .configurationParameter(PinnedMemory.GRACE, "0")
            .build();
    var failures = new ArrayList<String>();
    var listener =
        new TestExecutionListener() {
          @Override
          public void executionFinished(TestIdentifier test, TestExecutionResult result) {
            result.getThrowable().ifPresent(thrown -> failures.add(thrown.getMessage()));
          }
        };
    LauncherFactory.create().execute(request, listener);
    return failures;
  }

  @Test
  void eachTestThatLeavesABufferFailsByNameAndNoOther() {
    assertThat(failures())
        .hasSize(3)
        .anyMatch(text -> text.contains("leavesPooledDirect") && text.contains("4096 bytes pooled"))
        .anyMatch(text -> text.contains("leavesPooledHeap") && text.contains("4096 pooled heap"))
        .anyMatch(text -> text.contains("leavesUnpooled") && text.contains("4096 direct"))
        .allMatch(text -> text.contains("has left buffers"));
  }
}
