package org.flywheelmta.sandbox;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.flywheelmta.base.Counter;
import org.flywheelmta.base.NonThreadSafe;
import org.flywheelmta.base.OperatorLog;
import org.flywheelmta.base.TransactionId;
import org.flywheelmta.disk.DiskFailure;
import org.flywheelmta.intake.IntakeCompletion.Refusal;
import org.flywheelmta.intake.Reception;
import org.flywheelmta.scheduler.Duty;
import org.jspecify.annotations.Nullable;

/**
 * The worker's side of a Maildir. A pass takes some requests, writes and forces a file for each
 * mail, renames all of them, forces their names together, and answers; then it deletes what is too
 * much. Whatever fails on the way is the answer to the mails that it concerns.
 */
@NonThreadSafe
final class MaildirDuty implements Duty {
  /** How many requests one pass takes; their names are forced together. */
  static final int REQUESTS_PER_PASS = 64;

  /** How many mails may be written in parts at once; one more is refused for now. */
  static final int MOST_IN_PARTS = 200;

  /** How many mails one pass deletes at most. */
  static final int DELETIONS_PER_PASS = 256;

  private static final long RETRY_NANOS = TimeUnit.SECONDS.toNanos(1);
  private static final long LIST_PAUSE_NANOS = TimeUnit.SECONDS.toNanos(10);

  private final MailFolder folder;
  private final Queue<MaildirRequest> requests;
  private final Consumer<Reception> giveBack;
  private final Counter stored;
  private final OperatorLog log;
  private final Map<TransactionId, Parts> inParts = new LinkedHashMap<>();
  private final List<Kept> kept = new ArrayList<>();
  private boolean failing;
  private long listedNanos;
  // Written by the worker alone, read by sessions.
  private volatile boolean full;

  /** A mail that is written while it arrives; without a file, or with a refusal, it has failed. */
  @NonThreadSafe
  private static final class Parts {
    @Nullable MailFile file;
    @Nullable Refusal refusal;
  }

  /** A mail whose file lies in {@code new/} and whose name is not forced yet. */
  private record Kept(MaildirRequest.Store store, Path path) {}

  /**
   * @param requests what sessions ask; this duty takes them alone
   * @param giveBack called for each mail before it is answered: it waits no longer
   * @param stored counts the mails that were kept
   */
  MaildirDuty(
      MailFolder folder,
      Queue<MaildirRequest> requests,
      Consumer<Reception> giveBack,
      Counter stored,
      OperatorLog log) {
    this.folder = folder;
    this.requests = requests;
    this.giveBack = giveBack;
    this.stored = stored;
    this.log = log;
  }

  /** True while there is more in the folder than its limits allow; from any thread. */
  boolean isFull() {
    return full;
  }

  @Override
  public long run(long nowNanos) {
    int taken = takeRequests();
    boolean deleted = deleteOldest();
    if (folder.isStale() && nowNanos - listedNanos >= LIST_PAUSE_NANOS) {
      listedNanos = nowNanos;
      list();
    }
    if (taken == REQUESTS_PER_PASS || (full && deleted)) {
      return 0;
    }
    return full ? RETRY_NANOS : UNTIL_WOKEN;
  }

  /** Does what is left, closes what is open, and gives the folder back. */
  void finish() {
    while (takeRequests() > 0) {
      deleteOldest();
    }
    for (var parts : inParts.values()) {
      discard(parts);
    }
    inParts.clear();
    folder.close();
  }

  private int takeRequests() {
    int taken = 0;
    while (taken < REQUESTS_PER_PASS) {
      var request = requests.poll();
      if (request == null) {
        break;
      }
      taken++;
      switch (request) {
        case MaildirRequest.Append append -> append(append);
        case MaildirRequest.Abandon(var id) -> abandon(id);
        case MaildirRequest.Store store -> store(store);
      }
    }
    forceNames();
    return taken;
  }

  private void append(MaildirRequest.Append append) {
    try {
      var parts = partsOf(append.reception());
      if (parts.file != null && parts.refusal == null) {
        parts.file.append(append.part());
      }
    } catch (DiskFailure failure) {
      // Found again under the id: partsOf has put it there before anything could fail.
      var parts = inParts.get(append.reception().id());
      if (parts != null) {
        parts.refusal = refusal(failure);
      }
    } finally {
      append.part().release();
      append.asker().post(append.written());
    }
  }

  private Parts partsOf(Reception reception) throws DiskFailure {
    var known = inParts.get(reception.id());
    if (known != null) {
      return known;
    }
    var parts = new Parts();
    boolean room = inParts.size() < MOST_IN_PARTS;
    inParts.put(reception.id(), parts);
    if (room) {
      parts.file = folder.create(reception);
    } else {
      parts.refusal = Refusal.NO_ROOM;
    }
    return parts;
  }

  private void abandon(TransactionId id) {
    var parts = inParts.remove(id);
    if (parts != null) {
      discard(parts);
    }
  }

  private static void discard(Parts parts) {
    if (parts.file != null) {
      parts.file.discard();
    }
  }

  private void store(MaildirRequest.Store store) {
    MailFile file = null;
    Refusal refused = null;
    try {
      if (store.content() == null) {
        var parts = inParts.remove(store.reception().id());
        file = parts == null ? null : parts.file;
        refused = parts == null ? Refusal.FAILED : parts.refusal;
      } else {
        file = folder.create(store.reception());
        file.append(store.content().bytes());
      }
      if (file != null && refused == null) {
        long size = file.finish();
        kept.add(new Kept(store, folder.keep(file, store.reception(), size)));
        return;
      }
    } catch (DiskFailure failure) {
      refused = refusal(failure);
    } finally {
      if (store.content() != null) {
        store.content().release();
      }
    }
    if (file != null) {
      file.discard();
    }
    answer(store, refused == null ? Refusal.FAILED : refused);
  }

  /** Only with its name on the disk too is a mail there after a power cut. */
  private void forceNames() {
    if (kept.isEmpty()) {
      return;
    }
    Refusal refused = null;
    try {
      folder.force();
      recovered();
    } catch (DiskFailure failure) {
      refused = refusal(failure);
    }
    for (var mail : kept) {
      if (refused != null) {
        folder.takeBack(mail.path());
      } else {
        stored.increment();
      }
      answer(mail.store(), refused);
    }
    kept.clear();
  }

  private void answer(MaildirRequest.Store store, @Nullable Refusal refused) {
    giveBack.accept(store.reception());
    var completion = store.completion();
    store
        .asker()
        .post(
            () -> {
              if (refused == null) {
                completion.onAccepted();
              } else {
                completion.onRefused(refused);
              }
            });
  }

  /** Deletes some of what is too much; false when the disk does not let it. */
  private boolean deleteOldest() {
    boolean deleted = true;
    try {
      folder.deleteOldest(DELETIONS_PER_PASS);
    } catch (DiskFailure failure) {
      warn(failure);
      deleted = false;
    }
    full = folder.isOver();
    return deleted;
  }

  private void list() {
    try {
      folder.list();
    } catch (DiskFailure failure) {
      warn(failure);
    }
  }

  private Refusal refusal(DiskFailure failure) {
    warn(failure);
    return failure.kind() == DiskFailure.Kind.FULL ? Refusal.NO_ROOM : Refusal.FAILED;
  }

  private void warn(DiskFailure failure) {
    if (!failing) {
      failing = true;
      log.warning("the sandbox cannot keep mail: " + failure.getMessage());
    }
  }

  private void recovered() {
    if (failing) {
      failing = false;
      log.info("the sandbox keeps mail again");
    }
  }
}
