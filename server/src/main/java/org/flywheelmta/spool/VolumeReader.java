package org.flywheelmta.spool;

import io.netty.buffer.UnpooledByteBufAllocator;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Predicate;
import org.flywheelmta.base.MessageId;
import org.flywheelmta.base.SingleThreadSafe;
import org.flywheelmta.base.TransactionId;
import org.flywheelmta.disk.Disk;
import org.flywheelmta.disk.DiskFailure;
import org.jspecify.annotations.Nullable;

/** Looks at one volume of a spool without changing it; see {@link SpoolReader}. */
@SingleThreadSafe
final class VolumeReader {
  // How long they are kept is the server's business, whose configuration is not known here.
  private static final SpoolSettings.Dedupe ALL_KEYS =
      new SpoolSettings.Dedupe(Long.MAX_VALUE >>> 1, Integer.MAX_VALUE);

  private final Disk disk;
  private final RecoveryScan scan;
  private final List<String> problems = new ArrayList<>();
  private final List<Segment> segments;
  private final SpoolFolder folder;

  VolumeReader(Disk disk, Path path) throws DiskFailure {
    this.disk = disk;
    // It shows what is there, so it looks at all of it.
    this.scan = new RecoveryScan(disk, false, ALL_KEYS, () -> 0);
    this.folder = SpoolFolder.read(disk, path, SpoolSettings.SEGMENT_BYTES);
    this.segments = folder.segments();
    for (var segment : segments) {
      scan.learn(segment);
    }
    scan.join();
    for (var segment : segments) {
      scan.apply(segment);
    }
    scan.settle();
  }

  /** Outcomes of transactions on other volumes. */
  List<ForeignOutcome> foreign() {
    return scan.foreign().outcomes();
  }

  /** Takes what other volumes hold of transactions here. */
  void take(List<ForeignOutcome> found) {
    scan.foreign().take(found);
  }

  /** What was found; asked for once. */
  SpoolReader.Check check() {
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
    for (var incomplete : scan.takeIncomplete()) {
      torn += incomplete.damage() ? 0 : 1;
      problems.add("the content of transaction " + incomplete.id() + " is incomplete");
    }
    int living = scan.foreign().countLiving();
    return new SpoolReader.Check(
        segments.size(),
        scan.records(),
        living,
        scan.transactions() - living,
        problems.size() - torn,
        torn,
        scan.keys().keys().size(),
        List.copyOf(problems));
  }

  private WaitingList waiting() throws DiskFailure {
    var waiting = new WaitingList();
    for (var segment : segments) {
      scan.listWaiting(segment, waiting);
    }
    return waiting;
  }

  /** Calls {@code each} for every message that waits, in the order of their records. */
  void forEachWaiting(Consumer<SpoolReader.Waiting> each) throws DiskFailure {
    try (var records = new TransactionRecords(disk)) {
      for (var waiting = waiting(); waiting.next(); ) {
        var home = home(waiting);
        var envelope = records.read(home.id(), home.extent());
        var transaction = envelope.transaction();
        int recipient = waiting.recipient();
        each.accept(
            new SpoolReader.Waiting(
                new MessageId(transaction.id(), recipient),
                transaction.sender(),
                envelope.recipients().get(recipient),
                waiting.attempts(),
                waiting.dueMicros(),
                transaction.contentBytes(),
                transaction.receivedMicros()));
      }
    }
  }

  private record Home(TransactionId id, Extent extent) {}

  /** Whose record the list stands on, and where it is. */
  private Home home(WaitingList waiting) throws DiskFailure {
    var fact = new Facts(scan.factsOf(waiting.segment()).facts());
    fact.moveTo(waiting.factAt());
    return new Home(fact.id(), new Extent(waiting.segment(), fact.position, fact.payloadLength));
  }

  /** Visits every transaction that waits and is wanted, in the order of their records. */
  void forEachShown(Predicate<TransactionId> wanted, SpoolReader.Visitor visitor)
      throws DiskFailure {
    try (var records = new TransactionRecords(disk)) {
      TransactionId last = null;
      for (var waiting = waiting(); waiting.next(); ) {
        var id = home(waiting).id();
        if (id.equals(last) || !wanted.test(id)) {
          continue;
        }
        last = id;
        SpoolReader.Shown shown;
        try {
          shown = shown(id, records);
        } catch (DiskFailure failure) {
          visitor.onUnreadable(id, failure);
          continue;
        }
        visitor.onShown(shown);
      }
    }
  }

  /** True when a transaction's record stands in the spool, whether it waits or is finished. */
  boolean knows(TransactionId id) {
    return scan.knows(id);
  }

  /** A transaction that waits, with its content; empty when there is none of that id. */
  Optional<SpoolReader.Shown> show(TransactionId id) throws DiskFailure {
    int handle = scan.accounts().find(id);
    if (handle == Residences.NONE || !scan.foreign().isLiving(handle)) {
      return Optional.empty();
    }
    try (var records = new TransactionRecords(disk)) {
      return Optional.of(shown(id, records));
    }
  }

  private SpoolReader.Shown shown(TransactionId id, TransactionRecords records) throws DiskFailure {
    var accounts = scan.accounts();
    int handle = accounts.find(id);
    var home = accounts.home(handle);
    var envelope = records.read(id, home);
    var latest = latest(id, handle);
    var content =
        new ContentReader(
                RecordReader.looking(disk), UnpooledByteBufAllocator.DEFAULT, request -> {})
            .content(home, accounts.residences().chunks(handle));
    return new SpoolReader.Shown(
        envelope.transaction(), envelope.recipients(), envelope.fields(), latest, content);
  }

  /** Reads the outcomes of a transaction once more, with their replies. */
  private List<@Nullable StoredOutcome> latest(TransactionId id, int handle) throws DiskFailure {
    var residences = scan.accounts().residences();
    var latest = new ArrayList<@Nullable StoredOutcome>();
    for (int i = 0; i < residences.recipients(handle); i++) {
      long lsn = residences.stateLsn(handle, i);
      latest.add(lsn == 0 ? null : outcome(lsn, id, i));
    }
    return latest;
  }

  private @Nullable StoredOutcome outcome(long lsn, TransactionId id, int recipient)
      throws DiskFailure {
    var segment = scan.accounts().segmentOf(lsn);
    var records = RecordReader.looking(disk);
    for (var fact = new Facts(scan.factsOf(segment).facts()); fact.next(); ) {
      if (fact.lsn != lsn) {
        continue;
      }
      if (fact.kind == RecordHeader.TRANSACTION) {
        var settles = FactCodec.settles(fact.body());
        return settles == null ? null : settles.outcome();
      }
      var payload = records.payload(new Extent(segment, fact.position, fact.payloadLength));
      try {
        for (var entry : OutcomeCodec.decode(payload)) {
          if (entry.recipient() == recipient && fact.id().equals(id)) {
            return entry.outcome();
          }
        }
      } finally {
        payload.release();
      }
    }
    return null;
  }
}
