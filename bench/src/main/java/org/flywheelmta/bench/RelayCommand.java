package org.flywheelmta.bench;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
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
  @Mixin ServerOptions server = new ServerOptions();
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
      names = "--peer",
      paramLabel = "NAME",
      description =
          "Only this peer: flywheel, postfix, haproxy or bare; may be repeated. Other homes and"
              + " variants always take part.")
  List<String> names = new ArrayList<>();

  @Option(
      names = "--other-home",
      paramLabel = "PATH=NAME",
      description = "Another checkout of Flywheel, as one more peer; may be repeated.")
  Map<Path, String> otherHomes = new LinkedHashMap<>();

  @Option(
      names = "--variant",
      paramLabel = "NAME=OPTIONS",
      description =
          "This Flywheel with more options of its Java, as one more peer; may be repeated.")
  Map<String, String> variants = new LinkedHashMap<>();

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
      throw usage("--rounds, --messages, --warm-up or --time-limit makes no sense");
    }
    var date = Instant.now();
    var peers = present();
    for (var peer : peers) {
      peer.prepare();
    }
    var tables = new ArrayList<RelayTable>();
    var turns = new RelayRounds(result.workFolder, rounds, messages, warmUp, limit);
    for (var relayCase : cases.isEmpty() ? USUAL : cases) {
      var those = peers.stream().filter(peer -> peer.takes(relayCase)).toList();
      var table = new RelayTable(relayCase, turns.run(relayCase, those));
      tables.add(table);
      table.lines().forEach(System.out::println);
      System.out.println();
    }
    report(date, peers, tables);
    boolean good =
        tables.stream().flatMap(table -> table.runs().stream()).allMatch(RelayRun::isGood);
    return good ? 0 : Main.BAD;
  }

  /** The peers that can be started, after a word about those that cannot. */
  private List<Peer> present() {
    var known = new ArrayList<Peer>(List.of(server.own()));
    otherHomes.forEach(
        (path, name) -> known.add(server.peer(name, new Home(path.toAbsolutePath()))));
    variants.forEach((name, options) -> known.add(server.own().variant(name, options)));
    known.addAll(List.of(new PostfixPeer(), new HaproxyPeer(), new BarePeer()));
    var all = known.stream().map(Peer::name).toList();
    if (all.stream().distinct().count() < all.size()) {
      throw usage("two peers have one name: " + String.join(", ", all));
    }
    if (!all.containsAll(names)) {
      throw usage("--peer is one of " + String.join(", ", all));
    }
    var present = new ArrayList<Peer>();
    for (var peer : known) {
      var name = peer.name();
      boolean always = otherHomes.containsValue(name) || variants.containsKey(name);
      if (always || names.isEmpty() || names.contains(name)) {
        peer.missing()
            .ifPresentOrElse(
                why -> System.err.println("bench: left out: " + why), () -> present.add(peer));
      }
    }
    if (present.isEmpty()) {
      throw new Unavailable("no peer is left to be measured");
    }
    return present;
  }

  private void report(Instant date, List<Peer> peers, List<RelayTable> tables)
      throws IOException, InterruptedException {
    if (result.json == null) {
      return;
    }
    Map<String, String> versions = new LinkedHashMap<>();
    for (var peer : peers) {
      versions.put(peer.name(), peer.version());
    }
    try (var report = JsonReport.begin(result.json, "relay", date, Machine.own(), versions)) {
      RelayReport.write(report.json(), tables);
    }
  }

  private RuntimeException usage(String message) {
    return spec == null
        ? new IllegalArgumentException(message)
        : new ParameterException(spec.commandLine(), message);
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
