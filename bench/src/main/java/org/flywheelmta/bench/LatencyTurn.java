package org.flywheelmta.bench;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import tools.jackson.core.JsonGenerator;

/**
 * What one peer showed in one stage.
 *
 * @param offered mails of a second that were offered
 * @param reply from the end of data to the 250
 * @param intended from the intended time to the 250
 * @param delivery from the end of data to the end of data at the sink
 * @param lag how long a session that was free went without a mail whose time had come, which is the
 *     generator's own delay
 * @param failure what makes the figures worthless; empty on a good turn
 */
record LatencyTurn(
    String peer,
    double offered,
    Percentiles reply,
    Percentiles intended,
    Percentiles delivery,
    Percentiles lag,
    String failure) {
  /** How many times the time of a force alone an acknowledgement takes, at the 99th percentile. */
  double ratio(Percentiles force) {
    return (double) reply.p99() / force.p99();
  }

  /** Adds a row for each of its times. */
  void rows(Table table) {
    row(table, peer + ", end of data to 250", reply);
    row(table, peer + ", intended time to 250", intended);
    row(table, peer + ", end of data to delivery", delivery);
    row(table, peer + ", the generator's own delay", lag);
  }

  /** One row of a stage's table. */
  static void row(Table table, String name, Percentiles times) {
    var words = new ArrayList<String>(List.of(name));
    words.addAll(times.words());
    table.add(words);
  }

  /** What is said below the table. */
  List<String> lines(Percentiles force) {
    var lines = new ArrayList<String>();
    double ratio = ratio(force);
    var word = Double.isFinite(ratio) ? String.format(Locale.ROOT, "%.2f", ratio) : "-";
    lines.add(
        String.format(
            Locale.ROOT,
            "%s: %,.0f offered/s; p99 of end of data to 250 / p99 of the force: %s",
            peer,
            offered,
            word));
    if (!failure.isEmpty()) {
      lines.add(peer + " FAILED: " + failure);
    }
    return lines;
  }

  /** As one object of an array. */
  void write(JsonGenerator json, Percentiles force) {
    json.writeStartObject();
    json.writeStringProperty("peer", peer);
    json.writeNumberProperty("offered_per_second", offered);
    reply.write(json, "end_of_data_to_reply");
    intended.write(json, "intended_to_reply");
    delivery.write(json, "end_of_data_to_delivery");
    lag.write(json, "generator_delay");
    double ratio = ratio(force);
    if (Double.isFinite(ratio)) {
      json.writeNumberProperty("p99_ratio", ratio);
    } else {
      json.writeNullProperty("p99_ratio");
    }
    json.writeStringProperty("error", failure);
    json.writeEndObject();
  }
}
