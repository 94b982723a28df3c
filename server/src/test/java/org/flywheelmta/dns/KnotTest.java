package org.flywheelmta.dns;

import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import org.flywheelmta.scheduler.IoEngine;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.MethodSource;

/** The real exchange keeps the contract with every I/O engine, against Knot DNS. */
@Tag("peers")
@Tag("sockets")
@ParameterizedClass
@MethodSource("org.flywheelmta.scheduler.Engines#underTest")
final class KnotTest extends ExchangeContract {
  private static final long TIMEOUT_NANOS = 10_000_000_000L;

  @TempDir private static @Nullable Path folder;
  private static @Nullable KnotInstance knot;

  private final IoEngine engine;

  KnotTest(IoEngine engine) {
    this.engine = engine;
  }

  @BeforeAll
  static void start() throws Exception {
    if (knot == null) {
      knot = KnotInstance.start(Objects.requireNonNull(folder), APEX, zone());
    }
  }

  @AfterAll
  static void stop() {
    Objects.requireNonNull(knot).close();
    knot = null;
  }

  @Override
  List<Reply> ask(List<Question> questions) throws Exception {
    try (var stage = new ExchangeStage(engine, TIMEOUT_NANOS)) {
      return stage.ask(Objects.requireNonNull(knot).address(), questions);
    }
  }
}
