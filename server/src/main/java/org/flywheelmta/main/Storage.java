package org.flywheelmta.main;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.flywheelmta.base.MemoryBudget;
import org.flywheelmta.base.SingleThreadSafe;
import org.flywheelmta.config.Generation;
import org.flywheelmta.config.Scope;
import org.flywheelmta.disk.DiskFailure;
import org.flywheelmta.domain.Domains;
import org.flywheelmta.event.RingEventLog;
import org.flywheelmta.message.Stub;
import org.flywheelmta.spool.Opened;
import org.flywheelmta.spool.Recovered;
import org.flywheelmta.spool.Spool;
import org.flywheelmta.spool.SpoolSettings;
import org.flywheelmta.spool.SpoolVolumes;
import org.jspecify.annotations.Nullable;

/**
 * What a server keeps on disk: the event log and the spool. Both open and close off the schedulers.
 */
@SingleThreadSafe
final class Storage {
  private static final int SPOOL_READERS = 4;

  private final RingEventLog events;
  private final Spool spool;
  private final RecoveryGate gate;

  private Storage(RingEventLog events, Spool spool, RecoveryGate gate) {
    this.events = events;
    this.spool = spool;
    this.gate = gate;
  }

  RingEventLog events() {
    return events;
  }

  Spool spool() {
    return spool;
  }

  /** Lets recovery hand its messages over. */
  void recoverInto(Domains domains) {
    gate.domains = domains;
  }

  /** True once every message of earlier runs was handed over. */
  boolean recovered() {
    return gate.done;
  }

  /** How opening went. */
  sealed interface Start {
    /** Both are open, and recovery has begun. */
    record Ok(Storage storage) implements Start {}

    /** Neither is open. */
    record Failed(Failure failure) implements Start {}
  }

  /**
   * Opens both; blocks.
   *
   * @param memory the budget of content, for what is read back
   */
  static Start open(
      Doors doors, Generation generation, Path folder, String node, MemoryBudget memory) {
    var gate = new RecoveryGate();
    RingEventLog events;
    try {
      events =
          RingEventLog.open(
              eventSettings(generation, folder, node), doors.disk(), doors.platform(), doors.log());
    } catch (DiskFailure failure) {
      return new Start.Failed(Failure.of(failure));
    }
    return switch (SpoolVolumes.open(
        volumes(generation, folder), doors.platform(), doors.disk(), doors.log(), memory, gate)) {
      case Opened.Ok(var spool) -> new Start.Ok(new Storage(events, spool, gate));
      case Opened.Failed failed -> {
        events.close();
        yield new Start.Failed(Failure.of(failed));
      }
    };
  }

  /** The folder of the event log and of the operator log. */
  static Path logFolder(Path folder) {
    return folder.resolve("log");
  }

  private static RingEventLog.Settings eventSettings(
      Generation generation, Path folder, String node) {
    var scope = generation.global();
    long retention = scope.get(ServerOptions.EVENT_RETENTION);
    // Less than a second is a second, since none is for ever.
    long seconds = TimeUnit.NANOSECONDS.toSeconds(retention);
    var usual = RingEventLog.Settings.of(logFolder(folder), node);
    return new RingEventLog.Settings(
        usual.folder(),
        usual.node(),
        usual.ringSlots(),
        scope.get(ServerOptions.EVENT_FILE_SIZE),
        retention > 0 ? Math.max(1, seconds) : 0,
        scope.get(ServerOptions.EVENT_TOTAL_SIZE));
  }

  /** The settings of each volume of the spool that a generation asks for. */
  static List<SpoolSettings> volumes(Generation generation, Path folder) {
    var scope = scope(generation);
    return paths(generation, folder).stream().map(path -> settings(scope, path)).toList();
  }

  /** The folders of the spool: the first volume and what others there are. */
  static List<Path> paths(Generation generation, Path folder) {
    var scope = scope(generation);
    var paths = new ArrayList<Path>();
    paths.add(folder.resolve(scope.get(ServerOptions.SPOOL_PATH)));
    scope.get(ServerOptions.VOLUMES).forEach(path -> paths.add(folder.resolve(path)));
    return paths;
  }

  private static Scope scope(Generation generation) {
    var stanzas = generation.stanzas(ServerOptions.SPOOL);
    return stanzas.isEmpty() ? generation.global() : stanzas.getFirst().scope();
  }

  private static SpoolSettings settings(Scope scope, Path path) {
    return new SpoolSettings(
        path,
        Math.toIntExact(scope.get(ServerOptions.SEGMENT_SIZE)),
        scope.get(ServerOptions.MAX_WAITING_COMMITS),
        scope.get(ServerOptions.OUTCOME_BACKLOG),
        scope.get(ServerOptions.FREE_RESERVE),
        SPOOL_READERS,
        scope.get(ServerOptions.DIRECT_IO),
        new SpoolSettings.Upkeep(
            scope.get(ServerOptions.COMPACTION_RATIO),
            scope.get(ServerOptions.COMPACTION_RATE),
            scope.get(ServerOptions.VERIFY_RATE)),
        scope.get(ServerOptions.COMPRESSION),
        new SpoolSettings.Dedupe(
            TimeUnit.NANOSECONDS.toMicros(scope.get(ServerOptions.DEDUPE_RETENTION)),
            scope.get(ServerOptions.DEDUPE_KEYS)));
  }

  /** Closes both; waits for the disk. */
  void close() {
    spool.close();
    events.close();
  }

  /** Holds recovery back until there are domain records to take its messages. */
  private static final class RecoveryGate implements Recovered {
    private volatile @Nullable Domains domains;
    private volatile boolean done;

    @Override
    public boolean onRecovered(List<Stub> stubs) {
      var open = domains;
      return open != null && open.onRecovered(stubs);
    }

    @Override
    public void onRecoveryDone(long messages) {
      var open = domains;
      if (open != null) {
        open.onRecoveryDone(messages);
      }
      done = true;
    }
  }
}
