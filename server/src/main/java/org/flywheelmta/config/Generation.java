package org.flywheelmta.config;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.flywheelmta.base.DomainName;
import org.flywheelmta.base.ReadOnlyThreadSafe;
import org.jspecify.annotations.Nullable;

/**
 * One configuration, whole and unchanging. Whoever works by it keeps a reference for as long as one
 * piece of work lasts; a change of configuration is another generation.
 *
 * <p>Fallback of a delivery, most specific first: group::binding::domain, binding::domain,
 * group::domain, binding (within its group, then by itself), group, domain, top level. Of a host:
 * group::binding::host, group::host, binding::host, host, and no further. At each level the exact
 * name comes first, then the patterns in file order; the first that sets the option counts.
 *
 * <p>A scope is made when it is asked for, at the price of one hash look-up a level and one match
 * for each pattern; the asker keeps it with the thing that it is for.
 */
@ReadOnlyThreadSafe
public final class Generation {
  private final Schema schema;
  private final long number;
  private final ScopeNode root;
  private final Scope global;
  private final Map<String, ScopeNode> groupsByBinding = new HashMap<>();

  Generation(Schema schema, long number, ScopeNode root) {
    this.schema = schema;
    this.number = number;
    this.root = root;
    this.global = new Scope(schema, List.of(root));
    for (var group : root.children(ScopeKind.GROUP)) {
      group.children(ScopeKind.BINDING).forEach(b -> groupsByBinding.put(b.name(), group));
    }
  }

  /** From 1, one more with each change. */
  public long number() {
    return number;
  }

  /** The top level. */
  public Scope global() {
    return global;
  }

  /** A domain without a binding; its name in any case. */
  public Scope domain(String domain) {
    return destination(null, null, null, domain);
  }

  /** A domain as deliveries of a binding see it. */
  public Scope domain(String binding, String domain) {
    var group = groupsByBinding.get(binding);
    return destination(grouped(group, binding), single(binding), group, domain);
  }

  private Scope destination(
      @Nullable ScopeNode grouped,
      @Nullable ScopeNode binding,
      @Nullable ScopeNode group,
      String domain) {
    var name = lookedUp(domain);
    var levels = new ArrayList<ScopeNode>();
    match(ScopeKind.DOMAIN, name, levels, grouped, binding, group);
    add(levels, grouped, binding, group);
    root.match(ScopeKind.DOMAIN, name, levels);
    levels.add(root);
    return new Scope(schema, levels);
  }

  /** A host without a binding. */
  public Scope host(String host) {
    var levels = new ArrayList<ScopeNode>();
    root.match(ScopeKind.HOST, lookedUp(host), levels);
    return new Scope(schema, levels);
  }

  /** A host as deliveries of a binding see it. */
  public Scope host(String binding, String host) {
    var group = groupsByBinding.get(binding);
    var levels = new ArrayList<ScopeNode>();
    match(
        ScopeKind.HOST,
        lookedUp(host),
        levels,
        grouped(group, binding),
        group,
        single(binding),
        root);
    return new Scope(schema, levels);
  }

  /** A binding, for what does not depend on a domain. */
  public Scope binding(String binding) {
    var group = groupsByBinding.get(binding);
    var levels = new ArrayList<ScopeNode>();
    add(levels, grouped(group, binding), single(binding), group, root);
    return new Scope(schema, levels);
  }

  /** A group of bindings. */
  public Scope group(String group) {
    var levels = new ArrayList<ScopeNode>();
    add(levels, root.child(ScopeKind.GROUP, group), root);
    return new Scope(schema, levels);
  }

  /** The bindings that were written, each with where it first stands, by name. */
  public Map<String, Position> bindings() {
    var bindings = new TreeMap<String, Position>();
    groupsByBinding.forEach(
        (name, group) -> bindings.put(name, at(grouped(group, name), group.at())));
    root.children(ScopeKind.BINDING)
        .forEach(b -> bindings.merge(b.name(), b.at(), (x, y) -> x.compareTo(y) < 0 ? x : y));
    return bindings;
  }

  private static Position at(@Nullable ScopeNode node, Position otherwise) {
    return node == null ? otherwise : node.at();
  }

  /** The group that a binding belongs to. */
  public Optional<String> groupOf(String binding) {
    return Optional.ofNullable(groupsByBinding.get(binding)).map(ScopeNode::name);
  }

  /** The listeners of one protocol, in file order. */
  public List<Listener> listeners(ListenerKind kind) {
    return stanzas(kind.listener()).stream().map(s -> Listener.of(schema, kind, s)).toList();
  }

  /** The stanzas of one kind at the top level, in file order. */
  public List<Stanza> stanzas(ScopeKind kind) {
    return root.children(kind).stream().map(n -> new Stanza(schema, n, List.of(root))).toList();
  }

  /** Every value that is set for an option, wherever it is set, in no order that means anything. */
  public <T> List<T> values(Option<T> option) {
    var values = new ArrayList<T>();
    root.forEach(
        node -> {
          var setting = node.setting(option);
          if (setting != null) {
            values.add(option.valueOf(setting));
          }
        });
    return values;
  }

  private static @Nullable ScopeNode grouped(@Nullable ScopeNode group, String binding) {
    return group == null ? null : group.child(ScopeKind.BINDING, binding);
  }

  private @Nullable ScopeNode single(String binding) {
    return root.child(ScopeKind.BINDING, binding);
  }

  private static void match(
      ScopeKind kind, String name, List<ScopeNode> levels, @Nullable ScopeNode... holders) {
    for (var holder : holders) {
      if (holder != null) {
        holder.match(kind, name, levels);
      }
    }
  }

  private static void add(List<ScopeNode> levels, @Nullable ScopeNode... nodes) {
    for (var node : nodes) {
      if (node != null) {
        levels.add(node);
      }
    }
  }

  /** The form of a name that is looked up; one that no domain can have meets patterns alone. */
  private static String lookedUp(String name) {
    var hostname = hostname(name);
    return hostname == null ? Words.fold(name) : hostname;
  }

  /**
   * The one form in which names of domains and hosts are compared: lower case, A-labels, no last
   * dot; null for a name beyond ASCII that no domain can have.
   */
  static @Nullable String hostname(String name) {
    return DomainName.toAscii(name.endsWith(".") ? name.substring(0, name.length() - 1) : name);
  }
}
