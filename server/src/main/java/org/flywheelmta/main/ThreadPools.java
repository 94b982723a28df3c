package org.flywheelmta.main;

import java.util.Arrays;
import java.util.List;
import org.flywheelmta.config.Generation;
import org.flywheelmta.scheduler.Platform;
import org.flywheelmta.scheduler.ThreadPool;

/** The thread pools that the server knows by name; each exists without a stanza. */
enum ThreadPools {
  /** Jobs that block. */
  IO,
  /** Jobs that compute; it is started with the first part of the server that has such jobs. */
  CPU;

  private static final int IO_THREADS = 4;

  private int byDefault(int processors) {
    return switch (this) {
      case IO -> IO_THREADS;
      case CPU -> processors;
    };
  }

  /** Their names, as stanzas write them. */
  static List<String> names() {
    return Arrays.stream(values()).map(Enum::name).toList();
  }

  /** Starts the pool as a generation has it; its threads come with its jobs. */
  ThreadPool start(Platform platform, Generation generation, int processors) {
    int concurrency = byDefault(processors);
    int backlog = ServerOptions.BACKLOG.byDefault();
    for (var stanza : generation.stanzas(ServerOptions.THREADPOOL)) {
      if (stanza.name().equals(name())) {
        var set = stanza.scope().find(ServerOptions.CONCURRENCY);
        concurrency = set.at().isPresent() ? set.value() : concurrency;
        backlog = stanza.scope().get(ServerOptions.BACKLOG);
      }
    }
    return platform.threadPool(name(), concurrency, backlog);
  }
}
