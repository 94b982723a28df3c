package org.flywheelmta.dns;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.flywheelmta.scheduler.IoEngine;
import org.flywheelmta.scheduler.Scheduler;
import org.flywheelmta.scheduler.ThreadPlatform;

/** A real exchange on a scheduler of its own. */
final class ExchangeStage implements AutoCloseable {
  private static final long LIMIT_SECONDS = 30;

  private final ConcurrentLinkedQueue<Throwable> faults = new ConcurrentLinkedQueue<>();
  private final ThreadPlatform platform;
  private final Scheduler home;
  private final NettyExchange exchange;

  ExchangeStage(IoEngine engine, long timeoutNanos) {
    this.platform = new ThreadPlatform(engine, (where, fault) -> faults.add(fault));
    this.home = platform.schedulers("home", 1).getFirst();
    this.exchange = on(() -> new NettyExchange(engine, home, timeoutNanos));
  }

  /** Runs something on the home, and waits for what comes of it. */
  private <T> T on(Supplier<T> task) {
    var result = new CompletableFuture<T>();
    home.post(() -> result.complete(task.get()));
    return result.orTimeout(LIMIT_SECONDS, TimeUnit.SECONDS).join();
  }

  /** Asks all at once. */
  List<CompletableFuture<Reply>> send(InetSocketAddress server, List<Question> questions) {
    return on(
        () -> {
          var replies = new ArrayList<CompletableFuture<Reply>>();
          for (var question : questions) {
            var reply = new CompletableFuture<Reply>();
            exchange.query(
                server,
                question,
                said -> {
                  home.check();
                  // A second reply would be a fault of the exchange.
                  assertThat(reply.complete(said)).isTrue();
                });
            assertThat(reply.isDone()).as("answered from within the call").isFalse();
            replies.add(reply);
          }
          return replies;
        });
  }

  Reply ask(InetSocketAddress server, Question question) {
    return send(server, List.of(question))
        .getFirst()
        .orTimeout(LIMIT_SECONDS, TimeUnit.SECONDS)
        .join();
  }

  List<Reply> ask(InetSocketAddress server, List<Question> questions) {
    var replies = new ArrayList<Reply>();
    for (var reply : send(server, questions)) {
      replies.add(reply.orTimeout(LIMIT_SECONDS, TimeUnit.SECONDS).join());
    }
    return replies;
  }

  /** Closes the exchange; returns how many queries and connections are left. */
  int closeExchange() {
    on(
        () -> {
          exchange.close();
          return true;
        });
    int left = on(exchange::underWay);
    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(LIMIT_SECONDS);
    while (left > 0 && System.nanoTime() - deadline < 0) {
      left = on(exchange::underWay);
    }
    assertThat(on(home::armedEvents)).as("timed events that are left").isZero();
    return left;
  }

  /** Ends the scheduler too; nothing is left and nothing has failed. */
  @Override
  public void close() {
    assertThat(closeExchange()).isZero();
    platform.close();
    assertThat(faults).isEmpty();
  }
}
