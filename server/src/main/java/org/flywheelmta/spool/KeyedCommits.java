package org.flywheelmta.spool;

import java.util.ArrayDeque;
import java.util.List;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import org.flywheelmta.base.ConcurrentThreadSafe;
import org.flywheelmta.base.Limit;
import org.flywheelmta.base.TransactionId;
import org.flywheelmta.scheduler.Scheduler;
import org.jspecify.annotations.Nullable;

/**
 * Commits with a dedupe key where there are several volumes: all of them are asked for the key
 * first, and those with the same key follow one after another, whichever volume they go to.
 */
@ConcurrentThreadSafe
final class KeyedCommits {
  private final List<LogSpool> spools;
  private final Limit commits;
  private final Limit bytes = new Limit("spool_keyed_bytes", 64L << 20);
  // Of each key that is being decided on, what waits for that.
  private final ConcurrentMap<DedupeKey, ArrayDeque<Runnable>> deciding = new ConcurrentHashMap<>();

  /**
   * @param mostCommits that may wait for their keys to be found; further ones are refused
   */
  KeyedCommits(List<LogSpool> spools, int mostCommits) {
    this.spools = List.copyOf(spools);
    this.commits = new Limit("spool_keyed_commits", Math.max(1, mostCommits));
  }

  /** What is to be done once it is known whether the key is new; one of both is called once. */
  interface Keyed {
    /** Nobody knows the key. */
    void commit(CommitCompletion completion);

    /** It is not committed: what it holds is given back. */
    void drop();
  }

  /**
   * Commits what has a new key.
   *
   * @param size octets that are held until it is known
   */
  void begin(DedupeKey key, int size, Scheduler asker, CommitCompletion completion, Keyed keyed) {
    if (!commits.tryTake(1)) {
      refuse(asker, completion, keyed);
      return;
    }
    if (!bytes.tryTake(size)) {
      commits.release(1);
      refuse(asker, completion, keyed);
      return;
    }
    Runnable start = () -> find(key, asker, 0, new Ending(key, size, completion), keyed);
    var isFirst = new boolean[1];
    deciding.compute(
        key,
        (_, waiting) -> {
          if (waiting == null) {
            isFirst[0] = true;
            return new ArrayDeque<>();
          }
          waiting.add(start);
          return waiting;
        });
    if (isFirst[0]) {
      start.run();
    }
  }

  private static void refuse(Scheduler asker, CommitCompletion completion, Keyed keyed) {
    keyed.drop();
    asker.post(() -> completion.onRefused(SpoolRefusal.FULL));
  }

  private void find(DedupeKey key, Scheduler asker, int volume, Ending ending, Keyed keyed) {
    if (volume == spools.size()) {
      keyed.commit(ending);
      return;
    }
    var find =
        new Request.FindKey(
            key,
            asker,
            found -> {
              switch (found) {
                case Request.FindKey.Unknown _ -> find(key, asker, volume + 1, ending, keyed);
                case Request.FindKey.First(var id) -> {
                  keyed.drop();
                  ending.onDuplicate(id);
                }
                case Request.FindKey.Refused(var why) -> {
                  keyed.drop();
                  ending.onRefused(why);
                }
              }
            });
    spools.get(volume).post(find);
  }

  /** Lets the next with the same key begin, once one has its answer. */
  private final class Ending implements CommitCompletion {
    private final DedupeKey key;
    private final int size;
    private final CommitCompletion completion;

    Ending(DedupeKey key, int size, CommitCompletion completion) {
      this.key = key;
      this.size = size;
      this.completion = completion;
    }

    private void end() {
      commits.release(1);
      bytes.release(size);
      var next = new @Nullable Runnable[1];
      deciding.compute(
          key,
          (_, waiting) -> {
            next[0] = waiting == null ? null : waiting.poll();
            return next[0] == null ? null : waiting;
          });
      if (next[0] != null) {
        next[0].run();
      }
    }

    @Override
    public void onCommitted() {
      end();
      completion.onCommitted();
    }

    @Override
    public void onDuplicate(TransactionId first) {
      end();
      completion.onDuplicate(first);
    }

    @Override
    public void onRefused(SpoolRefusal refusal) {
      end();
      completion.onRefused(refusal);
    }
  }
}
