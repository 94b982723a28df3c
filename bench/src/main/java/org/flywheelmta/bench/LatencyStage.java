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
 * @param offered mails of a second that were offered
 * @param reply from the end of data to the 250
 * @param intended from the intended time to the 250
 * @param delivery from the end of data to the end of data at the sink
 * @param lag how long a session that was free went without a mail whose time had come, which is the
 *     generator's own delay
 * @param force the raw forces before and after
 * @param failure what makes the figures worthless; empty on a good stage
 */
record LatencyStage(
    double share,
    double rate,
    double offered,
    Percentiles reply,
    Percentiles intended,
    Percentiles delivery,
    Percentiles lag,
    Percentiles force,
    String failure) {
  /** How many times the time of a force alone an acknowledgement takes, at the 99th percentile. */
  double ratio() {
    return (double) reply.p99() / force.p99();
  }

  List<String> lines(int size) {
    var lines = new ArrayList<String>();
    lines.add(
        String.format(
            Locale.ROOT, "%.0f %%: %,.0f offered/s of %,.0f meant", share, offered, rate));
    var head = new ArrayList<String>(List.of("ms"));
    head.addAll(Percentiles.HEAD);
    var table = new Table(head);
    row(table, "end of data to 250", reply);
    row(table, "intended time to 250", intended);
    row(table, "end of data to delivery", delivery);
    row(table, "the generator's own delay", lag);
    row(table, String.format(Locale.ROOT, "force of %,d octets, alone", size), force);
    lines.addAll(table.lines());
    if (!failure.isEmpty()) {
      lines.add("FAILED: " + failure);
    }
    lines.add("p99 of end of data to 250 / p99 of the force: " + ratioWord());
    return lines;
  }

  private String ratioWord() {
    return Double.isFinite(ratio()) ? String.format(Locale.ROOT, "%.2f", ratio()) : "-";
  }

  private static void row(Table table, String name, Percentiles times) {
    var words = new ArrayList<String>(List.of(name));
    words.addAll(times.words());
    table.add(words);
  }

  /** As one object of an array. */
  void write(JsonGenerator json) {
    json.writeStartObject();
    json.writeNumberProperty("share_percent", share);
    json.writeNumberProperty("meant_per_second", rate);
    json.writeNumberProperty("offered_per_second", offered);
    reply.write(json, "end_of_data_to_reply");
    intended.write(json, "intended_to_reply");
    delivery.write(json, "end_of_data_to_delivery");
    lag.write(json, "generator_delay");
    force.write(json, "force_alone");
    if (Double.isFinite(ratio())) {
      json.writeNumberProperty("p99_ratio", ratio());
    } else {
      json.writeNullProperty("p99_ratio");
    }
    json.writeStringProperty("error", failure);
    json.writeEndObject();
  }
}
