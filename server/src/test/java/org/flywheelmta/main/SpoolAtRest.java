package org.flywheelmta.main;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.UnpooledByteBufAllocator;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.flywheelmta.base.MemoryBudget;
import org.flywheelmta.base.OperatorLog;
import org.flywheelmta.base.TransactionId;
import org.flywheelmta.disk.Disk;
import org.flywheelmta.disk.DiskFailure;
import org.flywheelmta.message.Content;
import org.flywheelmta.message.Message;
import org.flywheelmta.message.Stub;
import org.flywheelmta.scheduler.IoEngine;
import org.flywheelmta.scheduler.Scheduler;
import org.flywheelmta.scheduler.ThreadPlatform;
import org.flywheelmta.spool.CommitCompletion;
import org.flywheelmta.spool.LogSpool;
import org.flywheelmta.spool.Opened;
import org.flywheelmta.spool.Recovered;
import org.flywheelmta.spool.Spool;
import org.flywheelmta.spool.SpoolReader;
import org.flywheelmta.spool.SpoolRefusal;
import org.flywheelmta.spool.SpoolSettings;

/** A spool on a disk of any kind, from which nobody delivers. */
final class SpoolAtRest {
  private static final int SEGMENT_BYTES = 1 << 20;

  private final Disk disk;
  private final Path path;

  SpoolAtRest(Disk disk, Path path) {
    this.disk = disk;
    this.path = path;
  }

  /** What is done with a spool that is open. */
  interface Use {
    void of(Spool spool, Scheduler scheduler) throws Exception;
  }

  /** Opens it, and closes it again. */
  void open(Use use) throws Exception {
    var faults = new ArrayList<String>();
    OperatorLog log =
        (level, text) -> assertThat(level).as(text).isNotEqualTo(OperatorLog.Level.ERROR);
    try (var platform =
        new ThreadPlatform(IoEngine.NIO, (where, fault) -> faults.add(where + ": " + fault))) {
      var settings =
          new SpoolSettings(
              path,
              SEGMENT_BYTES,
              10_000,
              10_000,
              0,
              1,
              true,
              SpoolSettings.Upkeep.DEFAULT,
              SpoolSettings.Compression.NONE,
              SpoolSettings.Dedupe.DEFAULT);
      var memory = new MemoryBudget("memory_limit", 1L << 30);
      var opened = LogSpool.open(settings, platform, disk, log, memory, new Left());
      assertThat(opened).isInstanceOf(Opened.Ok.class);
      if (opened instanceof Opened.Ok(var spool)) {
        try (spool) {
          use.of(spool, platform.schedulers("events", 1).getFirst());
        }
      }
    }
    assertThat(faults).isEmpty();
  }

  /** Commits a transaction, with what became of its recipients before. */
  void put(EnvelopeFile envelope, byte[] octets) throws Exception {
    var shape = shape(octets);
    open(
        (spool, scheduler) -> {
          var messages = envelope.messages(shape);
          var done = new CompletableFuture<Boolean>();
          var bytes = UnpooledByteBufAllocator.DEFAULT.directBuffer(Math.max(1, octets.length));
          var content = new Content(bytes.writeBytes(octets), shape, null, 0);
          spool.commit(messages, content, scheduler, new Answer(done));
          content.release();
          assertThat(done.get(30, TimeUnit.SECONDS)).isTrue();
          messages.forEach(Message::release);
          for (int i = 0; i < messages.size(); i++) {
            var latest = envelope.recipients().get(i).latest();
            if (latest != null) {
              spool.outcome(envelope.id(), i, latest);
            }
          }
        });
  }

  static Content.Shape shape(byte[] octets) {
    var shape = new ContentShape();
    shape.add(octets, octets.length);
    return shape.shape();
  }

  /** Exports all that waits. */
  void export(Path folder) throws DiskFailure {
    var export = new SpoolExport(disk, folder, false);
    var reader = SpoolReader.read(disk, path);
    assertThat(reader.check().problems()).isEmpty();
    reader.forEachShown(
        id -> true,
        new SpoolReader.Visitor() {
          @Override
          public void onShown(SpoolReader.Shown shown) throws DiskFailure {
            export.write(shown);
          }

          @Override
          public void onUnreadable(TransactionId id, DiskFailure why) {
            throw new AssertionError(id + " cannot be read", why);
          }
        });
  }

  /** Imports all of a folder; returns what was said of files that were not. */
  List<String> importFrom(Path folder) throws Exception {
    var said = new ArrayList<String>();
    open(
        (spool, scheduler) -> {
          var known = SpoolReader.read(disk, path);
          var importing =
              new SpoolImport(
                  disk,
                  spool,
                  scheduler,
                  UnpooledByteBufAllocator.DEFAULT,
                  known::knows,
                  future -> future.orTimeout(30, TimeUnit.SECONDS).join(),
                  said::add);
          for (var source : ImportSource.of(disk, List.of(folder))) {
            importing.add(source);
          }
          importing.finish();
          said.add(importing.imported() + ", " + importing.skipped() + ", " + importing.refused());
        });
    return said;
  }

  /** A message that waits is not this test's business. */
  private static final class Left implements Recovered {
    @Override
    public boolean onRecovered(List<Stub> stubs) {
      return true;
    }

    @Override
    public void onRecoveryDone(long messages) {}
  }

  private record Answer(CompletableFuture<Boolean> done) implements CommitCompletion {
    @Override
    public void onCommitted() {
      done.complete(true);
    }

    @Override
    public void onDuplicate(TransactionId first) {
      done.complete(false);
    }

    @Override
    public void onRefused(SpoolRefusal refusal) {
      done.complete(false);
    }
  }
}
