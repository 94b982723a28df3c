package org.flywheelmta.main;

import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.Callable;
import org.flywheelmta.base.MessageId;
import org.flywheelmta.base.TransactionId;
import org.flywheelmta.disk.DiskFailure;
import org.flywheelmta.disk.FileDisk;
import org.flywheelmta.event.EventSearch;
import org.flywheelmta.spool.SpoolReader;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code flywheel spool export}: writes waiting transactions as files. */
@Command(
    name = "export",
    mixinStandardHelpOptions = true,
    description = {
      "Writes each transaction that waits as ID.eml, its content to the octet, and ID.json, its"
          + " envelope with all that spool import needs. The spool stays as it is.",
      "",
      "Files have mode 0600. The disk is not forced: run sync before you delete a spool."
    })
final class SpoolExportCommand implements Callable<Integer> {
  private static final int PROGRESS_EVERY = 1_000;

  @Spec private @Nullable CommandSpec spec;
  @Mixin private SpoolArguments arguments = new SpoolArguments();

  @Parameters(
      paramLabel = "ID",
      arity = "0..*",
      description = "Ids of transactions, or of messages, whose transactions are written.")
  private List<String> ids = new ArrayList<>();

  @Option(names = "--all", description = "All that wait.")
  private boolean all;

  @Option(
      names = "--recipient",
      paramLabel = "ADDRESS",
      description = "Those in which a message to this recipient waits.")
  private @Nullable String recipient;

  @Option(
      names = "--domain",
      paramLabel = "NAME",
      description = "Those in which a message to this domain waits, its name with A-labels.")
  private @Nullable String domain;

  @Option(
      names = "--to",
      paramLabel = "FOLDER",
      description = "Where the files go (default: this folder).")
  private Path to = Path.of("");

  @Option(names = "--force", description = "Replaces files that are there already.")
  private boolean force;

  @Override
  public Integer call() {
    var line = Console.of(spec);
    var errors = line.getErr();
    var wanted = new TreeSet<TransactionId>();
    for (var id : ids) {
      var parsed =
          MessageId.parse(id).map(MessageId::transaction).or(() -> TransactionId.parse(id));
      if (parsed.isEmpty()) {
        errors.println("flywheel: " + Printable.of(id) + " is no id of a message");
        return ExitCode.USAGE;
      }
      wanted.add(parsed.get());
    }
    if (wanted.isEmpty() && !all && recipient == null && domain == null) {
      errors.println("flywheel: name ids, --recipient, --domain or --all");
      return ExitCode.USAGE;
    }
    return arguments.read(errors, spool -> export(spool, wanted, line.getOut(), errors));
  }

  private int export(
      SpoolReader spool, Set<TransactionId> named, PrintWriter out, PrintWriter errors)
      throws DiskFailure {
    var wanted = new TreeSet<TransactionId>();
    spool.forEachWaiting(
        waiting -> {
          var id = waiting.id().transaction();
          if ((all || named.contains(id) || named.isEmpty()) && matches(waiting)) {
            wanted.add(id);
          }
        });
    var run = new Run(new SpoolExport(new FileDisk(), to.toAbsolutePath(), force), wanted, errors);
    spool.forEachShown(wanted::contains, run);
    int missing = 0;
    for (var id : named) {
      if (!wanted.contains(id)) {
        missing++;
        errors.println("flywheel: no message of " + id + " waits that is asked for");
      }
    }
    if (arguments.json()) {
      out.println(
          new JsonLine()
              .number("exported", run.written)
              .number("unreadable", run.unreadable)
              .number("missing", missing)
              .end());
    } else {
      out.println(
          (run.written == 1 ? "1 transaction" : run.written + " transactions")
              + " written to "
              + to.toAbsolutePath());
    }
    return run.unreadable + missing > 0 ? ExitCode.DATA : ExitCode.OK;
  }

  private boolean matches(SpoolReader.Waiting waiting) {
    var address = waiting.recipient();
    return (recipient == null || EventSearch.sameRecipient(address.toString(), recipient))
        && (domain == null || address.domain().equalsIgnoreCase(domain));
  }

  /** Writes one after another, and says how far it has come. */
  private static final class Run implements SpoolReader.Visitor {
    private final SpoolExport export;
    private final Set<TransactionId> wanted;
    private final PrintWriter errors;
    private int written;
    private int unreadable;

    private Run(SpoolExport export, Set<TransactionId> wanted, PrintWriter errors) {
      this.export = export;
      this.wanted = wanted;
      this.errors = errors;
    }

    @Override
    public void onShown(SpoolReader.Shown shown) throws DiskFailure {
      export.write(shown);
      written++;
      if (written % PROGRESS_EVERY == 0) {
        errors.println(written + " of " + wanted.size());
      }
    }

    @Override
    public void onUnreadable(TransactionId id, DiskFailure why) {
      unreadable++;
      errors.println("flywheel: " + id + " cannot be read now: " + why.getMessage());
    }
  }
}
