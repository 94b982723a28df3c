package org.flywheelmta.config;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.flywheelmta.base.ReadOnlyThreadSafe;

/** One address of a listener, and what holds for the peers that connect to it. */
@ReadOnlyThreadSafe
public final class Listen {
  private final Schema schema;
  private final Stanza stanza;
  private final Map<Cidr, List<ScopeNode>> peers = new HashMap<>();
  private final int[] prefixLengths;

  Listen(Schema schema, ListenerKind kind, ScopeNode listener, Stanza stanza) {
    this.schema = schema;
    this.stanza = stanza;
    for (var holder : List.of(stanza.node(), listener)) {
      for (var peer : holder.children(kind.peer())) {
        peers.computeIfAbsent(Cidr.of(peer.name()), _ -> new ArrayList<>()).add(peer);
      }
    }
    prefixLengths =
        peers.keySet().stream()
            .map(Cidr::bits)
            .distinct()
            .sorted(Comparator.reverseOrder())
            .mapToInt(Integer::intValue)
            .toArray();
  }

  /** As it was written: an address with a port, or the path of a socket. */
  public String address() {
    return stanza.name();
  }

  /** Where it first stands. */
  public Position at() {
    return stanza.at();
  }

  /** What holds before the peer is known. */
  public Scope scope() {
    return stanza.scope();
  }

  /**
   * What holds for one peer: the longest prefix that sets an option first, of equal ones that of
   * the listen before that of the listener; then listen, listener and top level. Costs one hash
   * look-up for each length of prefix in use.
   *
   * @param peer four or sixteen bytes; a mapped IPv4 address is an IPv4 address
   */
  public Scope scopeFor(byte[] peer) {
    if (prefixLengths.length == 0) {
      return stanza.scope();
    }
    var levels = new ArrayList<ScopeNode>();
    for (var bits : prefixLengths) {
      var network = Cidr.around(peer, bits);
      if (network.contains(peer)) {
        levels.addAll(peers.getOrDefault(network, List.of()));
      }
    }
    levels.addAll(stanza.levels());
    return new Scope(schema, levels);
  }
}
