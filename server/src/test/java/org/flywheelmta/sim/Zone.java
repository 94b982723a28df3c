package org.flywheelmta.sim;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import org.flywheelmta.base.NonThreadSafe;
import org.flywheelmta.dns.Question;
import org.flywheelmta.dns.Rdata;
import org.flywheelmta.dns.RecordType;
import org.flywheelmta.dns.Reply;
import org.jspecify.annotations.Nullable;

/**
 * The records of a domain and of all below it, as a name server tells them, and as a file that a
 * real one reads. Names are in lower case, without a dot at the end.
 */
@NonThreadSafe
public final class Zone {
  private static final int STRING_OCTETS = 255;

  private final String apex;
  private final long soaSeconds;
  private final long minimumSeconds;
  private final Map<String, Node> nodes = new LinkedHashMap<>();

  private static final class Node {
    private final Map<RecordType, Records> records = new LinkedHashMap<>();
    private @Nullable Records alias;
    private String target = "";
  }

  private record Records(long seconds, List<Rdata> data) {}

  /**
   * An empty zone.
   *
   * @param apex its name; empty for the root, below which all names are
   * @param soaSeconds the TTL of its SOA record
   * @param minimumSeconds the minimum field of that
   */
  public Zone(String apex, long soaSeconds, long minimumSeconds) {
    this.apex = apex;
    this.soaSeconds = soaSeconds;
    this.minimumSeconds = minimumSeconds;
  }

  /** Puts A and AAAA records at a name, in place of those that it has. */
  public Zone addresses(String name, long seconds, String... literals) {
    var four = new ArrayList<Rdata>();
    var six = new ArrayList<Rdata>();
    for (var literal : literals) {
      (literal.contains(":") ? six : four).add(new Rdata.Address(address(literal)));
    }
    put(name, RecordType.A, seconds, four);
    return put(name, RecordType.AAAA, seconds, six);
  }

  /** Puts MX records at a name; hosts in the order of preference 10, 20 and so on. */
  public Zone exchangers(String name, long seconds, String... hosts) {
    var data = new ArrayList<Rdata>();
    for (var host : hosts) {
      data.add(new Rdata.Exchanger(10 * (data.size() + 1), host));
    }
    return put(name, RecordType.MX, seconds, data);
  }

  /** Puts the MX record at a name that says that it takes no mail (RFC 7505). */
  public Zone noMail(String name, long seconds) {
    return put(name, RecordType.MX, seconds, List.of(new Rdata.Exchanger(0, "")));
  }

  /** Puts TXT records at a name. */
  public Zone texts(String name, long seconds, List<String> texts) {
    return put(name, RecordType.TXT, seconds, texts.stream().<Rdata>map(Rdata.Text::new).toList());
  }

  /** Puts records of a type at a name, in place of those that it has; none: takes them away. */
  public Zone put(String name, RecordType type, long seconds, List<Rdata> data) {
    var records = node(name).records;
    if (data.isEmpty()) {
      records.remove(type);
    } else {
      records.put(type, new Records(seconds, List.copyOf(data)));
    }
    return this;
  }

  /** Makes a name an alias of another. */
  public Zone alias(String name, long seconds, String target) {
    var node = node(name);
    node.alias = new Records(seconds, List.of());
    node.target = target;
    return this;
  }

  /** Takes a name away. */
  public void remove(String name) {
    nodes.remove(name);
  }

  private Node node(String name) {
    return nodes.computeIfAbsent(name, _ -> new Node());
  }

  private static InetAddress address(String literal) {
    try {
      return InetAddress.getByName(literal);
    } catch (UnknownHostException none) {
      throw new IllegalArgumentException(literal, none);
    }
  }

  /** What a server says of it. */
  public Reply answer(Question question) {
    if (!isWithin(question.name())) {
      return new Reply.Trouble("the server answers REFUSED");
    }
    var answers = new ArrayList<Reply.Resource>();
    var seen = new LinkedHashSet<String>();
    var name = question.name();
    while (true) {
      var node = nodes.get(name);
      if (node == null || node.alias == null) {
        return end(question, name, node, answers);
      }
      answers.add(new Reply.Alias(name, node.alias.seconds(), node.target));
      seen.add(name);
      name = node.target;
      if (!isWithin(name) || seen.contains(name)) {
        return new Reply.Told(true, answers, Reply.NO_SOA);
      }
    }
  }

  private Reply end(
      Question question, String name, @Nullable Node node, List<Reply.Resource> answers) {
    long negative = Math.min(soaSeconds, minimumSeconds);
    if (node == null) {
      return new Reply.Told(hasBelow(name), answers, negative);
    }
    var records = node.records.get(question.type());
    if (records == null) {
      return new Reply.Told(!node.records.isEmpty() || hasBelow(name), answers, negative);
    }
    for (var data : records.data()) {
      answers.add(new Reply.Said(name, records.seconds(), data));
    }
    return new Reply.Told(true, answers, Reply.NO_SOA);
  }

  private boolean isWithin(String name) {
    return apex.isEmpty() || name.equals(apex) || name.endsWith("." + apex);
  }

  private boolean hasBelow(String name) {
    return name.equals(apex) || nodes.keySet().stream().anyMatch(n -> n.endsWith("." + name));
  }

  /** It as a file of the form that RFC 1035 section 5 has. */
  public String file() {
    var file = new StringBuilder();
    file.append(apex + ". " + soaSeconds + " SOA ns." + apex + ". hostmaster." + apex + ". ")
        .append("1 3600 600 86400 " + minimumSeconds + "\n")
        .append(apex + ". 300 NS ns." + apex + ".\n");
    nodes.forEach(
        (name, node) -> {
          if (node.alias != null) {
            file.append(name + ". " + node.alias.seconds() + " CNAME " + node.target + ".\n");
          }
          node.records.forEach(
              (type, records) -> {
                for (var data : records.data()) {
                  file.append(name + ". " + records.seconds() + " " + type + " " + text(data))
                      .append('\n');
                }
              });
        });
    return file.toString();
  }

  private static String text(Rdata data) {
    return switch (data) {
      case Rdata.Address(var address) -> address.getHostAddress();
      case Rdata.Exchanger(var preference, var host) -> preference + " " + host + ".";
      case Rdata.Text(var text) -> strings(text);
    };
  }

  private static String strings(String text) {
    var strings = new StringBuilder("\"");
    for (int i = 0; i < text.length(); i++) {
      if (i > 0 && i % STRING_OCTETS == 0) {
        strings.append("\" \"");
      }
      char c = text.charAt(i);
      strings.append(c < ' ' || c > '~' || c == '"' || c == '\\' ? "\\%03d".formatted((int) c) : c);
    }
    return strings.append('"').toString();
  }
}
