package org.flywheelmta.bench;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;

/** The options of the benchmarks that hold Flywheel against others, by turns. */
final class PeerOptions {
  @Mixin ServerOptions server = new ServerOptions();

  @Option(
      names = "--peer",
      paramLabel = "NAME",
      description =
          "Only the peer of this name, such as flywheel or bare; may be repeated, and an unknown name"
              + " lists them all. Other homes and variants always take part.")
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

  /**
   * The peers that were asked for and can be started, ready to start; a word about those that
   * cannot goes to standard error.
   *
   * @param others beside Flywheel
   * @param spec of the command, for errors of usage
   * @throws Unavailable where none is left
   */
  List<Peer> prepared(List<Peer> others, @Nullable CommandSpec spec)
      throws IOException, InterruptedException {
    var known = known(others);
    var all = known.stream().map(Peer::name).toList();
    if (all.stream().distinct().count() < all.size()) {
      throw Usage.error("two peers have one name: " + String.join(", ", all), spec);
    }
    if (!all.containsAll(names)) {
      throw Usage.error("--peer is one of " + String.join(", ", all), spec);
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
    for (var peer : present) {
      peer.prepare();
    }
    return present;
  }

  private List<Peer> known(List<Peer> others) {
    var known = new ArrayList<Peer>(List.of(server.own()));
    otherHomes.forEach(
        (path, name) -> known.add(server.peer(name, new Home(path.toAbsolutePath()))));
    variants.forEach((name, options) -> known.add(server.own().variant(name, options)));
    known.addAll(others);
    return known;
  }

  /** Which version of what takes part, by name. */
  static Map<String, String> versions(List<Peer> peers) throws InterruptedException {
    Map<String, String> versions = new LinkedHashMap<>();
    for (var peer : peers) {
      versions.put(peer.name(), peer.version());
    }
    return versions;
  }
}
