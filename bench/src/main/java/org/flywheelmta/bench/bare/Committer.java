package org.flywheelmta.bench.bare;

import java.io.IOException;
import java.lang.invoke.VarHandle;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.LockSupport;
import org.jctools.queues.MpscArrayQueue;

/**
 * The one thread that makes letters safe: it takes all that wait, commits them at once, and posts
 * them back, one post for each loop. The longer a commit takes, the more letters the next one has.
 */
final class Committer implements AutoCloseable {
  /** A session waits for its letter before it offers another, so this is never full. */
  private final MpscArrayQueue<Letter> queue = new MpscArrayQueue<>(Limits.SESSIONS);

  private final CommitDoor door;
  private final Thread thread;
  private volatile boolean asleep;
  private volatile boolean closed;

  private Committer(CommitDoor door) {
    this.door = door;
    this.thread = new Thread(this::run, "commit");
  }

  static Committer start(CommitDoor door) {
    var committer = new Committer(door);
    committer.thread.setDaemon(true);
    committer.thread.start();
    return committer;
  }

  /** Hands the letter over; it comes back by {@link Forwarder#onCommitted} on its loop. */
  void offer(Letter letter) {
    if (!queue.offer(letter)) {
      throw new IllegalStateException("more letters than sessions");
    }
    VarHandle.fullFence();
    if (asleep) {
      LockSupport.unpark(thread);
    }
  }

  private void run() {
    var batch = new ArrayList<Letter>();
    while (!closed) {
      queue.drain(batch::add);
      if (batch.isEmpty()) {
        asleep = true;
        if (queue.isEmpty() && !closed) {
          LockSupport.park(this);
        }
        asleep = false;
        continue;
      }
      try {
        door.commit(batch);
      } catch (IOException e) {
        System.err.println("bare: a commit failed, which ends the process: " + e.getMessage());
        Runtime.getRuntime().halt(1);
      }
      post(batch);
      batch = new ArrayList<>();
    }
  }

  private static void post(List<Letter> batch) {
    Map<Forwarder, List<Letter>> byLoop = new LinkedHashMap<>();
    for (var letter : batch) {
      byLoop.computeIfAbsent(letter.session().forwarder(), _ -> new ArrayList<>()).add(letter);
    }
    byLoop.forEach((forwarder, letters) -> forwarder.post(letters));
  }

  @Override
  public void close() throws IOException {
    closed = true;
    LockSupport.unpark(thread);
    try {
      thread.join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    door.close();
  }
}
