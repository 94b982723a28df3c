package org.flywheelmta.bench;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import tools.jackson.core.JsonGenerator;

/**
 * What one share of the capacity came to.
 *
 * @param share of the capacity, in percent
 * @param rate mails of a second that were meant
 * @param turns one for each peer
 * @param force the raw forces before and after
 */
record LatencyStage(double share, double rate, List<LatencyTurn> turns, Percentiles force) {
  /** Whether its figures mean something. */
  boolean isGood() {
    return turns.stream().allMatch(turn -> turn.failure().isEmpty());
  }

  List<String> lines(int size) {
    var lines = new ArrayList<String>();
    lines.add(String.format(Locale.ROOT, "%.0f %%: %,.0f mails/s", share, rate));
    var head = new ArrayList<String>(List.of("ms"));
    head.addAll(Percentiles.HEAD);
    var table = new Table(head);
    turns.forEach(turn -> turn.rows(table));
    LatencyTurn.row(table, String.format(Locale.ROOT, "force of %,d octets, alone", size), force);
    lines.addAll(table.lines());
    turns.forEach(turn -> lines.addAll(turn.lines(force)));
    return lines;
  }

  /** As one object of an array. */
  void write(JsonGenerator json) {
    json.writeStartObject();
    json.writeNumberProperty("share_percent", share);
    json.writeNumberProperty("meant_per_second", rate);
    force.write(json, "force_alone");
    json.writeArrayPropertyStart("turns");
    turns.forEach(turn -> turn.write(json, force));
    json.writeEndArray();
    json.writeEndObject();
  }
}
