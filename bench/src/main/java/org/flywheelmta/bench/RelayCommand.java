package org.flywheelmta.bench;

import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;
import picocli.CommandLine.TypeConversionException;

/** The command {@code flywheel bench relay}. */
@Command(
    name = "relay",
    description = {
      "Relays mail through Flywheel, Postfix, HAProxy and a bare loop, by turns.",
      "From smtp-source to smtp-sink, on the same two processors. What is not installed is left out."
    },
    mixinStandardHelpOptions = true)
final class RelayCommand implements Callable<Integer> {
  private static final List<RelayCase> USUAL = List.of(RelayCase.KEPT_20, RelayCase.KEPT_100);

  @Spec @Nullable CommandSpec spec;
  @Mixin PeerOptions peers = new PeerOptions();
  @Mixin ResultOptions result = new ResultOptions();

  @Option(
      names = "--case",
      paramLabel = "CASE",
      converter = CaseWords.class,
      description =
          "kept-20, kept-100, reconnect, large (of 1 MB) or accept (delivery suspended); may be"
              + " repeated. By default the first two.")
  List<RelayCase> cases = new ArrayList<>();

  @Option(
      names = "--rounds",
      paramLabel = "N",
      defaultValue = "3",
      description = "How often each peer has its turn.")
  int rounds;

  @Option(
      names = "--messages",
      paramLabel = "N",
      defaultValue = "20000",
      description =
          "Mails of one run of Flywheel, HAProxy and bare in the cases kept-20 and kept-100; Postfix"
              + " and the other cases have fewer, in proportion.")
  int messages;

  @Option(
      names = "--warm-up",
      paramLabel = "N",
      defaultValue = "30000",
      description = "Mails before the first round, in the same proportion.")
  int warmUp;

  @Option(
      names = "--time-limit",
      paramLabel = "TIME",
      defaultValue = "3m",
      description = "For each run.")
  Duration limit = Duration.ZERO;

  @Override
  public Integer call() throws IOException, InterruptedException {
    for (var program : List.of(SmtpSource.PROGRAM, SmtpSink.PROGRAM)) {
      if (Programs.find(program).isEmpty()) {
        throw new Unavailable(
            program
                + " is not there, without which nothing is measured; install it:"
                + " apt-get install --no-install-recommends postfix");
      }
    }
    if (rounds < 1 || messages < 1 || warmUp < 0 || !limit.isPositive()) {
      throw Usage.error("--rounds, --messages, --warm-up or --time-limit makes no sense", spec);
    }
    var date = Instant.now();
    var present =
        peers.prepared(List.of(new PostfixPeer(), new HaproxyPeer(), new BarePeer()), spec);
    var tables = new ArrayList<RelayTable>();
    var turns = new RelayRounds(result.workFolder, rounds, messages, warmUp, limit);
    for (var relayCase : cases.isEmpty() ? USUAL : cases) {
      var those = present.stream().filter(peer -> peer.takes(relayCase)).toList();
      var table = new RelayTable(relayCase, turns.run(relayCase, those));
      tables.add(table);
      table.lines().forEach(System.out::println);
      System.out.println();
    }
    report(date, present, tables);
    boolean good =
        tables.stream().flatMap(table -> table.runs().stream()).allMatch(RelayRun::isGood);
    return good ? 0 : Main.BAD;
  }

  private void report(Instant date, List<Peer> present, List<RelayTable> tables)
      throws IOException, InterruptedException {
    if (result.json == null) {
      return;
    }
    var versions = PeerOptions.versions(present);
    try (var report = JsonReport.begin(result.json, "relay", date, Machine.own(), versions)) {
      RelayReport.write(report.json(), tables);
    }
  }

  /** A case as it is written on the command line. */
  static final class CaseWords implements ITypeConverter<RelayCase> {
    @Override
    public RelayCase convert(String words) {
      for (var relayCase : RelayCase.values()) {
        if (relayCase.toString().equals(words)) {
          return relayCase;
        }
      }
      throw new TypeConversionException(
          "'" + words + "' is none of " + Arrays.toString(RelayCase.values()));
    }
  }
}
