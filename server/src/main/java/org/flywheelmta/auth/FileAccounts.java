package org.flywheelmta.auth;

import java.nio.file.Path;
import java.util.Arrays;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import org.flywheelmta.base.Clock;
import org.flywheelmta.base.ConcurrentThreadSafe;
import org.flywheelmta.base.OperatorLog;
import org.flywheelmta.base.ReadOnlyThreadSafe;
import org.flywheelmta.disk.Disk;
import org.flywheelmta.disk.DiskFailure;
import org.flywheelmta.scheduler.Job;
import org.flywheelmta.scheduler.Scheduler;
import org.flywheelmta.scheduler.ThreadPool;
import org.jspecify.annotations.Nullable;

/**
 * The accounts of a file, held in memory. When somebody asks and the last look at the file is a
 * second old, the file is read on a pool first, and parsed where an octet of it has changed. What
 * cannot be read is told to the operator once, and the accounts of before go on counting.
 */
@ConcurrentThreadSafe
public final class FileAccounts implements AccountSource {
  /** How old a look at the file may be when an account is asked for. */
  static final long FRESH_NANOS = TimeUnit.SECONDS.toNanos(1);

  private static final byte[] NOTHING = new byte[0];

  private final AccountsFile file;
  private final ThreadPool pool;
  private final Clock clock;
  private final OperatorLog operator;
  private final byte[] otherSecret;
  private final AtomicReference<@Nullable Look> last = new AtomicReference<>();

  /**
   * Nothing is read before the first {@link #look}, or the first account that is asked for.
   *
   * @param pool for reading the file
   * @param otherSecret for decoys while no file could be read
   */
  public FileAccounts(
      Disk disk,
      Path path,
      ThreadPool pool,
      Clock clock,
      OperatorLog operator,
      byte[] otherSecret) {
    this.file = new AccountsFile(disk, path);
    this.pool = pool;
    this.clock = clock;
    this.operator = operator;
    this.otherSecret = otherSecret.clone();
  }

  /** One look at the file. */
  @ReadOnlyThreadSafe
  private static final class Look {
    final long nanos;
    // What was parsed last; the same object as before where nothing has changed.
    final byte[] octets;
    // Null where there never was anything good.
    final @Nullable AccountsText text;
    // Why the accounts may be old; empty where they are not.
    final String failure;

    Look(long nanos, byte[] octets, @Nullable AccountsText text, String failure) {
      this.nanos = nanos;
      this.octets = octets;
      this.text = text;
      this.failure = failure;
    }

    boolean sameAs(Look other) {
      return octets == other.octets && failure.equals(other.failure);
    }

    Found find(String name) {
      if (text == null) {
        return new Found.Failed(failure);
      }
      var account = text.accounts().get(name);
      return account == null ? Found.Unknown.UNKNOWN : new Found.Known(account);
    }
  }

  @Override
  public void find(String name, Scheduler asker, Consumer<Found> answer) {
    var look = last.get();
    if (look != null && isFresh(look)) {
      answer.accept(look.find(name));
      return;
    }
    boolean taken =
        pool.submit(
            asker,
            new Job<Found>() {
              @Override
              public Found work() {
                look();
                var now = last.get();
                return now == null ? new Found.Failed("nothing was read") : now.find(name);
              }

              @Override
              public void onDone(Found found) {
                answer.accept(found);
              }

              @Override
              public void onFailed(Exception failure) {
                answer.accept(new Found.Failed(String.valueOf(failure.getMessage())));
              }
            });
    if (!taken) {
      answer.accept(new Found.Failed("the pool " + pool.name() + " is full"));
    }
  }

  private boolean isFresh(Look look) {
    return clock.nanoTime() - look.nanos < FRESH_NANOS;
  }

  /** The secret of the file, for decoys. From any thread. */
  public byte[] secret() {
    var look = last.get();
    return look == null || look.text == null ? otherSecret : look.text.secretOctets();
  }

  /**
   * Looks at the file, unless that was done within a second. Blocks. Several threads may look at
   * once; the first one's look counts, and it tells the operator.
   */
  public void look() {
    var before = last.get();
    if (before != null && isFresh(before)) {
      return;
    }
    var after = look(before);
    if (last.compareAndSet(before, after) && (before == null || !after.sameAs(before))) {
      if (after.failure.isEmpty()) {
        int count = after.text == null ? 0 : after.text.accounts().size();
        operator.info(file.path() + ": the accounts were read, " + count + " of them");
      } else {
        operator.error(
            after.failure
                + (after.text == null
                    ? "; nobody can log in"
                    : "; the accounts of before go on counting"));
      }
    }
  }

  private Look look(@Nullable Look before) {
    // The time of its beginning: what is written while it is read is seen by the next look.
    long now = clock.nanoTime();
    var text = before == null ? null : before.text;
    try {
      var octets = file.octets();
      if (before != null && Arrays.equals(octets, before.octets)) {
        return new Look(now, before.octets, text, before.failure);
      }
      return switch (AccountsText.parse(octets)) {
        case AccountsText.Read.Good(var good) -> new Look(now, octets, good, "");
        case AccountsText.Read.Bad(var why) ->
            new Look(now, octets, text, file.path() + ": " + why);
      };
    } catch (DiskFailure failure) {
      return new Look(now, NOTHING, text, String.valueOf(failure.getMessage()));
    }
  }
}
