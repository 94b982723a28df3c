package org.flywheelmta.spool;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Predicate;
import org.flywheelmta.base.MessageId;
import org.flywheelmta.base.SingleThreadSafe;
import org.flywheelmta.base.TransactionId;
import org.flywheelmta.disk.Disk;
import org.flywheelmta.disk.DiskFailure;
import org.flywheelmta.message.Address;
import org.flywheelmta.message.Content;
import org.flywheelmta.message.Fields;
import org.flywheelmta.message.Transaction;
import org.jspecify.annotations.Nullable;

/**
 * Looks at a spool without changing it, whether a server runs on it or not. It takes no lock. On a
 * running spool it sees what is on the disk at the moment; a segment that is recycled meanwhile
 * shows as empty or unfinished.
 */
@SingleThreadSafe
public final class SpoolReader {
  private final List<VolumeReader> volumes;
  private final Check check;

  /** A message that waits. */
  public record Waiting(
      MessageId id,
      Address sender,
      Address recipient,
      int attempts,
      long dueMicros,
      long contentBytes,
      long receivedMicros) {}

  /**
   * Everything about a transaction that waits.
   *
   * @param latest the last outcome of each recipient; null for one that was not attempted
   * @param content one reference passes to the caller
   */
  public record Shown(
      Transaction transaction,
      List<Address> recipients,
      List<Fields> fields,
      List<@Nullable StoredOutcome> latest,
      Content content) {}

  /**
   * What a check found.
   *
   * @param segments in use
   * @param records that are whole
   * @param living transactions of which a recipient waits
   * @param dead transactions that are finished
   * @param damaged places where forced records cannot be read, transactions whose content is not
   *     complete, and segments that cannot be read
   * @param tornTails places where a stop left records unfinished, or where a running server writes
   * @param keys dedupe keys of transactions, whether they are over or not
   * @param problems one sentence each
   */
  public record Check(
      int segments,
      long records,
      int living,
      int dead,
      int damaged,
      int tornTails,
      int keys,
      List<String> problems) {}

  private SpoolReader(List<VolumeReader> volumes) {
    this.volumes = volumes;
    int segments = 0;
    long records = 0;
    int living = 0;
    int dead = 0;
    int damaged = 0;
    int torn = 0;
    int keys = 0;
    var problems = new ArrayList<String>();
    for (var volume : volumes) {
      var one = volume.check();
      segments += one.segments();
      records += one.records();
      living += one.living();
      dead += one.dead();
      damaged += one.damaged();
      torn += one.tornTails();
      keys += one.keys();
      problems.addAll(one.problems());
    }
    this.check =
        new Check(segments, records, living, dead, damaged, torn, keys, List.copyOf(problems));
  }

  /** Reads a spool of one volume as it is now. */
  public static SpoolReader read(Disk disk, Path path) throws DiskFailure {
    return read(disk, List.of(path));
  }

  /** Reads a spool of several volumes, of which one may hold outcomes of another's messages. */
  public static SpoolReader read(Disk disk, List<Path> paths) throws DiskFailure {
    var volumes = new ArrayList<VolumeReader>();
    var foreign = new LinkedHashMap<ForeignOutcome.Key, ForeignOutcome>();
    for (var path : paths) {
      var volume = new VolumeReader(disk, path);
      volumes.add(volume);
      for (var each : volume.foreign()) {
        foreign.merge(each.key(), each, (one, other) -> one.isNewerThan(other) ? one : other);
      }
    }
    volumes.forEach(volume -> volume.take(List.copyOf(foreign.values())));
    return new SpoolReader(volumes);
  }

  /** What was found. */
  public Check check() {
    return check;
  }

  /** Calls {@code each} for every message that waits, in the order of each volume's records. */
  public void forEachWaiting(Consumer<Waiting> each) throws DiskFailure {
    for (var volume : volumes) {
      volume.forEachWaiting(each);
    }
  }

  /** Takes what {@link #forEachShown} reads. */
  public interface Visitor {
    /** A transaction that waits; its content passes with it. */
    void onShown(Shown shown) throws DiskFailure;

    /** One that cannot be read: damaged, or finished and recycled meanwhile. */
    void onUnreadable(TransactionId id, DiskFailure why);
  }

  /** Visits every transaction that waits and is wanted, in the order of each volume's records. */
  public void forEachShown(Predicate<TransactionId> wanted, Visitor visitor) throws DiskFailure {
    for (var volume : volumes) {
      volume.forEachShown(wanted, visitor);
    }
  }

  /** True when a transaction's record stands in the spool, whether it waits or is finished. */
  public boolean knows(TransactionId id) {
    return volumes.stream().anyMatch(volume -> volume.knows(id));
  }

  /** A transaction that waits, with its content; empty when there is none of that id. */
  public Optional<Shown> show(TransactionId id) throws DiskFailure {
    for (var volume : volumes) {
      var shown = volume.show(id);
      if (shown.isPresent()) {
        return shown;
      }
    }
    return Optional.empty();
  }
}
