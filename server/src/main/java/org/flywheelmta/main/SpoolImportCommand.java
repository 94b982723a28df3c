package org.flywheelmta.main;

import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import org.flywheelmta.base.Admission;
import org.flywheelmta.base.MemoryBudget;
import org.flywheelmta.base.OperatorLog;
import org.flywheelmta.base.TransactionId;
import org.flywheelmta.disk.DiskFailure;
import org.flywheelmta.disk.FileDisk;
import org.flywheelmta.message.Address;
import org.flywheelmta.message.Stub;
import org.flywheelmta.scheduler.IoEngine;
import org.flywheelmta.scheduler.ThreadPlatform;
import org.flywheelmta.spool.Opened;
import org.flywheelmta.spool.Recovered;
import org.flywheelmta.spool.Spool;
import org.flywheelmta.spool.SpoolReader;
import org.flywheelmta.spool.SpoolSettings;
import org.flywheelmta.spool.SpoolVolumes;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code flywheel spool import}: puts files into the spool of a server that does not run. */
@Command(
    name = "import",
    mixinStandardHelpOptions = true,
    description = {
      "Puts transactions that spool export has written into a spool, with their ids, recipients,"
          + " attempts, due times and fields. What the spool has already is left out. No server may"
          + " run on the spool.",
      "",
      "Mail without an envelope beside it (ID.json) is taken with --from and --to, as new mail.",
      "",
      "What it says is imported is forced to the disk. Exit code 65 when a file was refused, 75"
          + " while a server runs."
    })
final class SpoolImportCommand implements Callable<Integer> {
  private static final int PROGRESS_EVERY = 1_000;

  @Spec private @Nullable CommandSpec spec;
  @Mixin private ConfigurationArguments configuration = new ConfigurationArguments();

  @Parameters(
      paramLabel = "FOLDER|FILE",
      arity = "1..*",
      description = "Folders, or files that end in .eml or .json; the other of the two is beside.")
  private List<Path> paths = new ArrayList<>();

  @Option(
      names = "--from",
      paramLabel = "ADDRESS",
      description = "The sender of mail without an envelope; \"\" for the null sender.")
  private @Nullable String from;

  @Option(
      names = "--to",
      paramLabel = "ADDRESS",
      description = "A recipient of mail without an envelope; may be given again.")
  private List<String> to = new ArrayList<>();

  @Option(names = "--json", description = "Prints JSON, one object.")
  private boolean json;

  @Override
  public Integer call() {
    var line = Console.of(spec);
    var errors = line.getErr();
    if ((from == null) != to.isEmpty()) {
      errors.println("flywheel: --from and --to go together");
      return ExitCode.USAGE;
    }
    for (var address : addresses()) {
      if (!isAddress(address)) {
        errors.println("flywheel: " + Printable.of(address) + " is no address");
        return ExitCode.USAGE;
      }
    }
    var generation = configuration.load(errors);
    if (generation == null) {
      return ExitCode.CONFIGURATION;
    }
    try {
      var volumes = Storage.volumes(generation, configuration.folder());
      return open(volumes, ImportSource.of(new FileDisk(), paths), line.getOut(), errors);
    } catch (DiskFailure failure) {
      errors.println("flywheel: " + failure.getMessage());
      return Failure.exitCode(failure.kind());
    }
  }

  private List<String> addresses() {
    var addresses = new ArrayList<>(to);
    if (from != null && !from.isEmpty()) {
      addresses.add(from);
    }
    return addresses;
  }

  private static boolean isAddress(String text) {
    return !Address.of(text).domain().isEmpty()
        && text.chars().noneMatch(c -> c <= ' ' || c == '<' || c == '>' || c == 0x7f);
  }

  private int open(
      List<SpoolSettings> volumes, List<ImportSource> sources, PrintWriter out, PrintWriter errors)
      throws DiskFailure {
    var faults = new FatalFault(errors);
    var platform = new ThreadPlatform(IoEngine.auto(), faults);
    var log = new Lines(errors);
    var paths = volumes.stream().map(SpoolSettings::path).toList();
    try {
      return switch (SpoolVolumes.open(
          volumes,
          platform,
          new FileDisk(),
          log,
          new MemoryBudget("memory_limit", Long.MAX_VALUE),
          new Left())) {
        case Opened.Failed failed -> {
          errors.println(
              "flywheel: "
                  + (failed.kind() == Opened.Kind.LOCKED
                      ? "a server runs on this spool; stop it first. "
                      : "")
                  + failed.line());
          yield Failure.of(failed).exitCode();
        }
        case Opened.Ok(var spool) -> run(spool, paths, platform, sources, log, out);
      };
    } finally {
      platform.close();
    }
  }

  private int run(
      Spool spool,
      List<Path> paths,
      ThreadPlatform platform,
      List<ImportSource> sources,
      Lines log,
      PrintWriter out)
      throws DiskFailure {
    SpoolImport importing;
    try {
      var disk = new FileDisk();
      var known = SpoolReader.read(disk, paths);
      importing =
          new SpoolImport(
              disk,
              spool,
              platform.schedulers("import", 1).getFirst(),
              platform.allocator(),
              known::knows,
              CompletableFuture::join,
              log::error);
      var random = platform.randomness().generator("import");
      int count = 0;
      for (var source : sources) {
        if (source.envelope() == null && from != null) {
          long now = platform.clock().wallMicros();
          var id = TransactionId.of(now, random.nextLong(), random.nextLong());
          var recipients = to.stream().map(Address::of).toList();
          importing.add(source, new SpoolImport.Given(id, now, Address.of(from), recipients));
        } else {
          importing.add(source);
        }
        count++;
        if (count % PROGRESS_EVERY == 0) {
          log.write(OperatorLog.Level.INFO, count + " of " + sources.size());
        }
      }
      importing.finish();
    } finally {
      spool.close();
    }
    if (spool.level() == Admission.Level.PAUSED) {
      log.error("the disk of the spool has failed; what was imported may lack its outcomes");
      return ExitCode.IO;
    }
    print(importing, out);
    return importing.refused() > 0 ? ExitCode.DATA : ExitCode.OK;
  }

  private void print(SpoolImport importing, PrintWriter out) {
    if (json) {
      out.println(
          new JsonLine()
              .number("imported", importing.imported())
              .number("skipped", importing.skipped())
              .number("refused", importing.refused())
              .end());
      return;
    }
    out.println(
        importing.imported()
            + " imported, "
            + importing.skipped()
            + " were there already, "
            + importing.refused()
            + " refused");
  }

  /** What the spool and the import have to say, a line each. */
  private record Lines(PrintWriter errors) implements OperatorLog {
    @Override
    public void write(Level level, String text) {
      errors.println("flywheel: " + Printable.of(text));
    }
  }

  /** What waits in the spool stays there. */
  private static final class Left implements Recovered {
    @Override
    public boolean onRecovered(List<Stub> stubs) {
      return true;
    }

    @Override
    public void onRecoveryDone(long count) {}
  }
}
