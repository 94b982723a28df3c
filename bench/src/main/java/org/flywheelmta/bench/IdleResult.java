package org.flywheelmta.bench;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.OptionalLong;
import tools.jackson.core.JsonGenerator;

/**
 * What silent connections cost.
 *
 * @param connections how many stood
 * @param before the server without them
 * @param after the server with them
 * @param alone greetings before they came
 * @param beside greetings while they stood
 * @param failure what makes the figures worthless; empty on a good run
 */
record IdleResult(
    int connections,
    Memory before,
    Memory after,
    Percentiles alone,
    Percentiles beside,
    String failure) {
  private static final double KIB = 1_024;
  private static final double MIB = KIB * KIB;

  /**
   * What a server holds.
   *
   * @param share the proportional share of its memory, as it stands, in octets
   * @param heap octets of its heap in use after a full collection, where it told
   */
  record Memory(long share, OptionalLong heap) {}

  /** KiB of memory for each connection. */
  double kibEach() {
    return (after.share() - before.share()) / KIB / connections;
  }

  /** KiB of the heap for each connection; not a number where it is unknown. */
  double heapKibEach() {
    return before.heap().isPresent() && after.heap().isPresent()
        ? (after.heap().getAsLong() - before.heap().getAsLong()) / KIB / connections
        : Double.NaN;
  }

  List<String> lines() {
    var lines = new ArrayList<String>();
    lines.add(String.format(Locale.ROOT, "%,d silent connections", connections));
    lines.add(line("memory (PSS)", before.share(), after.share(), kibEach()));
    if (before.heap().isPresent() && after.heap().isPresent()) {
      long heapBefore = before.heap().getAsLong();
      lines.add(
          line(
              "heap after a full collection", heapBefore, after.heap().getAsLong(), heapKibEach()));
    }
    var head = new ArrayList<String>(List.of("greeting, ms"));
    head.addAll(Percentiles.HEAD);
    var table = new Table(head);
    table.add(row("without them", alone));
    table.add(row("beside them", beside));
    lines.addAll(table.lines());
    if (!failure.isEmpty()) {
      lines.add("FAILED: " + failure);
    }
    return lines;
  }

  private static String line(String what, long before, long after, double each) {
    return String.format(
        Locale.ROOT,
        "%s: %,.1f MiB before, %,.1f MiB after, %.2f KiB for each connection",
        what,
        before / MIB,
        after / MIB,
        each);
  }

  private static List<String> row(String name, Percentiles times) {
    var words = new ArrayList<String>(List.of(name));
    words.addAll(times.words());
    return words;
  }

  void write(JsonGenerator json) {
    json.writeNumberProperty("connections", connections);
    json.writeNumberProperty("memory_bytes_before", before.share());
    json.writeNumberProperty("memory_bytes_after", after.share());
    json.writeNumberProperty("memory_kib_each", kibEach());
    before.heap().ifPresent(octets -> json.writeNumberProperty("heap_bytes_before", octets));
    after.heap().ifPresent(octets -> json.writeNumberProperty("heap_bytes_after", octets));
    alone.write(json, "greeting_without");
    beside.write(json, "greeting_beside");
    json.writeStringProperty("error", failure);
  }
}
