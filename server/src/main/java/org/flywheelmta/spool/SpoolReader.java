package org.flywheelmta.spool;

import io.netty.buffer.UnpooledByteBufAllocator;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
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
  private final Disk disk;
  private final RecoveryScan scan;
  private final List<String> problems = new ArrayList<>();
  private final List<RecoveryScan.Found> living;
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
   * @param problems one sentence each
   */
  public record Check(
      int segments,
      long records,
      int living,
      int dead,
      int damaged,
      int tornTails,
      List<String> problems) {}

  private SpoolReader(Disk disk, Path path) throws DiskFailure {
    this.disk = disk;
    this.scan = new RecoveryScan(disk);
    var folder = SpoolFolder.read(disk, path, SpoolSettings.SEGMENT_BYTES);
    for (var segment : folder.segments()) {
      scan.scan(segment);
    }
    int torn = 0;
    for (var finding : scan.findings()) {
      torn += finding.damage() ? 0 : 1;
      var what = finding.damage() ? " is damaged" : " ends in unfinished records";
      problems.add(finding.segment().path + what + " from octet " + finding.hole().from());
    }
    problems.addAll(scan.unreadable());
    folder.damaged().forEach(file -> problems.add(file + ": the header is damaged"));
    folder
        .unknown()
        .forEach(
            segment ->
                problems.add(
                    segment.path + " has the unknown version " + segment.header.version()));
    var lost = new ArrayList<RecoveryScan.Found>();
    this.living = scan.living(lost::add);
    for (var found : lost) {
      torn += scan.wasForced(found) ? 0 : 1;
      problems.add("the content of transaction " + found.residence.id + " is incomplete");
    }
    this.check =
        new Check(
            folder.segments().size(),
            scan.records(),
            living.size(),
            scan.transactions() - living.size(),
            problems.size() - torn,
            torn,
            List.copyOf(problems));
  }

  /** Reads a spool as it is now. */
  public static SpoolReader read(Disk disk, Path path) throws DiskFailure {
    return new SpoolReader(disk, path);
  }

  /** What was found. */
  public Check check() {
    return check;
  }

  /** Calls {@code each} for every message that waits, in the order in which they came. */
  public void forEachWaiting(Consumer<Waiting> each) throws DiskFailure {
    try (var records = new TransactionRecords(disk)) {
      for (var found : living) {
        for (var message : records.messages(found)) {
          var transaction = message.transaction();
          each.accept(
              new Waiting(
                  message.id(),
                  transaction.sender(),
                  message.recipient(),
                  message.attempts(),
                  message.dueMicros(),
                  transaction.contentBytes(),
                  transaction.receivedMicros()));
          message.release();
        }
      }
    }
  }

  /** Takes what {@link #forEachShown} reads. */
  public interface Visitor {
    /** A transaction that waits; its content passes with it. */
    void onShown(Shown shown) throws DiskFailure;

    /** One that cannot be read: damaged, or finished and recycled meanwhile. */
    void onUnreadable(TransactionId id, DiskFailure why);
  }

  /** Visits every transaction that waits and is wanted, in the order in which they came. */
  public void forEachShown(Predicate<TransactionId> wanted, Visitor visitor) throws DiskFailure {
    try (var records = new TransactionRecords(disk)) {
      for (var found : living) {
        if (!wanted.test(found.residence.id)) {
          continue;
        }
        Shown shown;
        try {
          shown = shown(found, records);
        } catch (DiskFailure failure) {
          visitor.onUnreadable(found.residence.id, failure);
          continue;
        }
        visitor.onShown(shown);
      }
    }
  }

  /** True when a transaction's record stands in the spool, whether it waits or is finished. */
  public boolean knows(TransactionId id) {
    return scan.knows(id);
  }

  /** A transaction that waits, with its content; empty when there is none of that id. */
  public Optional<Shown> show(TransactionId id) throws DiskFailure {
    for (var found : living) {
      if (found.residence.id.equals(id)) {
        try (var records = new TransactionRecords(disk)) {
          return Optional.of(shown(found, records));
        }
      }
    }
    return Optional.empty();
  }

  private Shown shown(RecoveryScan.Found found, TransactionRecords records) throws DiskFailure {
    var residence = found.residence;
    var record = records.read(residence);
    var latest = new ArrayList<@Nullable StoredOutcome>(Arrays.asList(found.latest));
    return new Shown(
        record.transaction(),
        record.addresses(),
        record.fields(),
        latest,
        new ContentReader(disk, UnpooledByteBufAllocator.DEFAULT, request -> {})
            .content(residence.home, residence.chunks, null, 0));
  }
}
