package org.flywheelmta.event;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.util.internal.logging.InternalLoggerFactory;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.logging.LogManager;
import java.util.logging.Logger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

final class NettyLogTest {
  private final List<String> told = new ArrayList<>();
  private final InternalLoggerFactory before = InternalLoggerFactory.getDefaultFactory();

  @BeforeEach
  void install() {
    NettyLog.install((level, text) -> told.add(level + " " + text));
  }

  @AfterEach
  void leaveLoggingAsItWas() throws IOException {
    LogManager.getLogManager().readConfiguration();
    InternalLoggerFactory.setDefaultFactory(before);
  }

  @Test
  void warningsAndErrorsOfNettyReachTheOperator() {
    var netty = InternalLoggerFactory.getInstance("io.netty.channel.Anything");
    netty.debug("nobody wants to know");
    netty.info("nobody needs to know");
    netty.warn("odd: {}", "frame");
    netty.error("failed", new IllegalStateException("outer", new IOException("inner")));
    assertThat(netty.isDebugEnabled()).isFalse();
    assertThat(told)
        .containsExactly(
            "WARNING Anything: odd: frame",
            "ERROR Anything: failed: java.lang.IllegalStateException: outer:"
                + " java.io.IOException: inner");
  }

  @Test
  void whateverElseUsesTheLoggersOfJavaComesToo() {
    Logger.getLogger("").warning("it is late");
    assertThat(told).containsExactly("WARNING it is late");
  }
}
