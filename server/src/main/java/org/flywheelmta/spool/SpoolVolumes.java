package org.flywheelmta.spool;

import io.netty.buffer.ByteBuf;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.flywheelmta.base.Check;
import org.flywheelmta.base.ConcurrentThreadSafe;
import org.flywheelmta.base.MemoryBudget;
import org.flywheelmta.base.OperatorLog;
import org.flywheelmta.base.TransactionId;
import org.flywheelmta.disk.Disk;
import org.flywheelmta.message.Content;
import org.flywheelmta.message.Message;
import org.flywheelmta.message.Stub;
import org.flywheelmta.scheduler.Platform;
import org.flywheelmta.scheduler.Scheduler;
import org.jspecify.annotations.Nullable;

/**
 * A spool of several volumes, each with a log and a commit thread of its own. A transaction goes to
 * the first volume in the order of its id that takes mail, and is asked for there first; see {@link
 * RendezvousOrder}. While one volume at least has not failed, deliveries go on, and outcomes of
 * what waits on a failed one are kept by the others.
 */
@ConcurrentThreadSafe
public final class SpoolVolumes implements Spool {
  /** How many there may be. */
  public static final int MOST_VOLUMES = 16;

  /** Of the commits that may wait for one volume, so many may wait for their keys to be found. */
  private static final int KEYED_SHARE = 4;

  private final List<LogSpool> spools;
  private final RendezvousOrder order;
  private final KeyedCommits keyed;
  // Where the parts of contents go that are still arriving: no more than there are sessions.
  private final ConcurrentMap<TransactionId, LogSpool> arriving = new ConcurrentHashMap<>();

  private SpoolVolumes(List<LogSpool> spools, RendezvousOrder order, int mostKeyed) {
    this.spools = List.copyOf(spools);
    this.order = order;
    this.keyed = new KeyedCommits(spools, mostKeyed);
  }

  /**
   * Opens all volumes, or none. One alone is opened as what it is.
   *
   * @param settings of each volume, at least one and at most {@link #MOST_VOLUMES}
   * @param recovered is told that recovery is done when it is on all of them
   */
  public static Opened open(
      List<SpoolSettings> settings,
      Platform platform,
      Disk disk,
      OperatorLog log,
      MemoryBudget memory,
      Recovered recovered) {
    Check.that(!settings.isEmpty() && settings.size() <= MOST_VOLUMES, "so many volumes");
    if (settings.size() == 1) {
      return LogSpool.open(settings.getFirst(), platform, disk, log, memory, recovered);
    }
    var volumes = new Volumes(settings.stream().map(SpoolSettings::path).toList());
    var joined = new Joined(settings.size(), recovered);
    var spools = new ArrayList<LogSpool>();
    for (var each : settings) {
      var opened =
          new LogOpening(each, platform, disk, log, memory, joined, volumes, spools.size()).open();
      if (opened instanceof Opened.Failed) {
        spools.forEach(LogSpool::close);
        return opened;
      }
      spools.add(volumes.spool(spools.size()));
    }
    return new Opened.Ok(
        new SpoolVolumes(
            spools, volumes.order(), settings.getFirst().maxWaitingCommits() / KEYED_SHARE));
  }

  /** Each volume. */
  List<LogSpool> spools() {
    return spools;
  }

  /** Recovery is done when it is on all volumes. */
  @ConcurrentThreadSafe
  private static final class Joined implements Recovered {
    private final Recovered recovered;
    private final AtomicInteger left;
    private final AtomicLong messages = new AtomicLong();

    Joined(int volumes, Recovered recovered) {
      this.left = new AtomicInteger(volumes);
      this.recovered = recovered;
    }

    @Override
    public boolean onRecovered(List<Stub> stubs) {
      return recovered.onRecovered(stubs);
    }

    @Override
    public void onRecoveryDone(long count) {
      messages.addAndGet(count);
      if (left.decrementAndGet() == 0) {
        recovered.onRecoveryDone(messages.get());
      }
    }
  }

  /** The first in the order of an id that takes mail; else the first that has not failed. */
  private LogSpool volumeFor(TransactionId id) {
    LogSpool second = null;
    var volumes = order.of(id);
    for (int volume : volumes) {
      var spool = spools.get(volume);
      if (spool.level() == Level.OPEN) {
        return spool;
      }
      second = second == null && !spool.isSealed() ? spool : second;
    }
    return second == null ? spools.get(volumes[0]) : second;
  }

  @Override
  public void commit(
      List<Message> messages, Content content, Scheduler asker, CommitCompletion completion) {
    var transaction = messages.getFirst().transaction();
    var settles = Settlement.of(transaction.fields());
    var key = DedupeKey.of(transaction.fields());
    if (key != null) {
      content.retain();
      keyed.begin(key, content.size(), asker, completion, new Inline(messages, content, asker));
    } else if (settles != null) {
      content.retain();
      settle(new Settling(settles, messages, content, asker, completion), 0);
    } else {
      volumeFor(transaction.id()).commit(messages, content, asker, completion);
    }
  }

  /** A transaction whose content is all there. */
  private final class Inline implements KeyedCommits.Keyed {
    private final List<Message> messages;
    private final Content content;
    private final Scheduler asker;

    Inline(List<Message> messages, Content content, Scheduler asker) {
      this.messages = messages;
      this.content = content;
      this.asker = asker;
    }

    @Override
    public void commit(CommitCompletion completion) {
      var id = messages.getFirst().transaction().id();
      volumeFor(id).commit(messages, content, asker, completion);
      content.release();
    }

    @Override
    public void drop() {
      content.release();
    }
  }

  /** A transaction whose content arrived in parts. */
  private static final class InParts implements KeyedCommits.Keyed {
    private final LogSpool spool;
    private final List<Message> messages;
    private final ByteBuf head;
    private final Scheduler asker;

    InParts(LogSpool spool, List<Message> messages, ByteBuf head, Scheduler asker) {
      this.spool = spool;
      this.messages = messages;
      this.head = head;
      this.asker = asker;
    }

    @Override
    public void commit(CommitCompletion completion) {
      spool.commitChunked(messages, head, asker, completion);
    }

    @Override
    public void drop() {
      head.release();
      spool.abandon(messages.getFirst().transaction().id());
    }
  }

  private record Settling(
      Settlement settles,
      List<Message> messages,
      Content content,
      Scheduler asker,
      CommitCompletion completion) {}

  /** Looks for the volume of what is settled, since that is where the outcome belongs. */
  private void settle(Settling settling, int asked) {
    var id = settling.settles().id();
    var spool = spools.get(order.of(id)[asked]);
    spool.post(
        new Request.Locate(
            id, settling.asker(), where -> onLocated(settling, asked, spool, where)));
  }

  private void onLocated(Settling settling, int asked, LogSpool spool, Request.Where where) {
    switch (where) {
      case UNKNOWN -> {
        if (asked + 1 < spools.size()) {
          settle(settling, asked + 1);
        } else {
          // The last one says what there is to say of it.
          commit(settling, spool, false);
        }
      }
      case HERE -> commit(settling, spool, false);
      case FAILED -> {
        var elsewhere = volumeFor(settling.messages().getFirst().transaction().id());
        // A state that is not final could not be told from a newer one: the mail goes on without.
        boolean isKept = settling.settles().outcome().kind().isFinal();
        commit(settling, isKept ? elsewhere : spool, isKept);
      }
    }
  }

  private static void commit(Settling settling, LogSpool spool, boolean settlesElsewhere) {
    spool.commit(
        settling.messages(),
        settling.content(),
        settlesElsewhere,
        settling.asker(),
        settling.completion());
    settling.content().release();
  }

  @Override
  public void append(TransactionId id, ByteBuf part, Scheduler asker, Runnable written) {
    arriving.computeIfAbsent(id, this::volumeFor).append(id, part, asker, written);
  }

  @Override
  public void commitChunked(
      List<Message> messages, ByteBuf head, Scheduler asker, CommitCompletion completion) {
    var id = messages.getFirst().transaction().id();
    // Where its parts are, even if that one takes nothing now.
    var begun = arriving.remove(id);
    var spool = begun == null ? volumeFor(id) : begun;
    var fields = messages.getFirst().transaction().fields();
    Check.that(Settlement.of(fields) == null, "a transaction that settles arrives in parts");
    var key = DedupeKey.of(fields);
    if (key == null) {
      spool.commitChunked(messages, head, asker, completion);
    } else {
      keyed.begin(
          key, head.readableBytes(), asker, completion, new InParts(spool, messages, head, asker));
    }
  }

  @Override
  public void abandon(TransactionId id) {
    var begun = arriving.remove(id);
    if (begun != null) {
      begun.abandon(id);
    }
  }

  @Override
  public void outcome(TransactionId id, int recipient, StoredOutcome outcome) {
    spools.get(order.of(id)[0]).outcome(id, recipient, outcome);
  }

  @Override
  public void load(TransactionId id, Scheduler asker, Completion completion) {
    load(id, asker, completion, 0);
  }

  private void load(TransactionId id, Scheduler asker, Completion completion, int asked) {
    var spool = spools.get(order.of(id)[asked]);
    Runnable unknown =
        asked + 1 < spools.size() ? () -> load(id, asker, completion, asked + 1) : null;
    spool.load(id, asker, completion, unknown);
  }

  @Override
  public void envelopes(List<TransactionId> ids, Scheduler asker, EnvelopesCompletion completion) {
    Check.that(ids.size() <= MOST_ENVELOPES, "too many envelopes are asked for at once");
    new Envelopes(ids, asker, completion).ask();
  }

  /** Asks volume after volume for envelopes, each for those that the earlier ones do not know. */
  private final class Envelopes {
    private final List<TransactionId> ids;
    private final Scheduler asker;
    private final EnvelopesCompletion completion;
    private final @Nullable EnvelopeRead[] read;
    private final int[] asked;
    private int open;

    Envelopes(List<TransactionId> ids, Scheduler asker, EnvelopesCompletion completion) {
      this.ids = List.copyOf(ids);
      this.asker = asker;
      this.completion = completion;
      this.read = new @Nullable EnvelopeRead[ids.size()];
      this.asked = new int[ids.size()];
    }

    void ask() {
      var places = new ArrayList<List<Integer>>();
      spools.forEach(spool -> places.add(new ArrayList<>()));
      for (int i = 0; i < ids.size(); i++) {
        if (read[i] == null) {
          places.get(order.of(ids.get(i))[asked[i]++]).add(i);
        }
      }
      open = (int) places.stream().filter(each -> !each.isEmpty()).count();
      if (open == 0) {
        completion.onRead(Arrays.stream(read).map(each -> each == null ? lost() : each).toList());
        return;
      }
      for (int i = 0; i < spools.size(); i++) {
        var mine = places.get(i);
        if (!mine.isEmpty()) {
          var wanted = mine.stream().map(ids::get).toList();
          spools.get(i).envelopes(wanted, asker, answers -> onRead(mine, answers));
        }
      }
    }

    private EnvelopeRead lost() {
      throw Check.bug("an envelope was not answered");
    }

    private void onRead(List<Integer> places, List<EnvelopeRead> answers) {
      for (int i = 0; i < places.size(); i++) {
        int place = places.get(i);
        var answer = answers.get(i);
        boolean another = answer == EnvelopeReader.UNKNOWN && asked[place] < spools.size();
        read[place] = another ? null : answer;
      }
      open--;
      if (open == 0) {
        ask();
      }
    }
  }

  @Override
  public Level level() {
    var level = Level.PAUSED;
    boolean backlog = false;
    for (var spool : spools) {
      if (spool.isSealed()) {
        continue;
      }
      var own = spool.level();
      backlog |= own == Level.PAUSED;
      level = own.compareTo(level) < 0 ? own : level;
    }
    return backlog ? Level.PAUSED : level;
  }

  @Override
  public void close() {
    spools.forEach(LogSpool::endWorkers);
    // What one passes on to the next is done before any of them ends; and once more what one that
    // fails by that has others keep.
    for (int i = 0; i <= spools.size(); i++) {
      spools.forEach(LogSpool::drain);
    }
    spools.forEach(LogSpool::end);
  }
}
