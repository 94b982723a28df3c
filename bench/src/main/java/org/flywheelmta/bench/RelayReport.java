package org.flywheelmta.bench;

import java.util.List;
import java.util.function.ToDoubleFunction;
import tools.jackson.core.JsonGenerator;

/** The runs and medians of {@code relay} as JSON. For one thread. */
final class RelayReport {
  private RelayReport() {}

  static void write(JsonGenerator json, List<RelayTable> tables) {
    json.writeArrayPropertyStart("medians");
    for (var table : tables) {
      for (var peer : table.peers()) {
        json.writeStartObject();
        json.writeStringProperty("case", table.relayCase().toString());
        json.writeStringProperty("peer", peer);
        median(json, "accepted_per_second", table, peer, RelayRun::acceptedPerSecond);
        median(json, "end_to_end_per_second", table, peer, RelayRun::arrivedPerSecond);
        median(json, "cpu_seconds_per_1000", table, peer, RelayRun::cpuSecondsPerThousand);
        median(json, "memory_bytes", table, peer, RelayRun::memoryBytes);
        median(json, "forced_writes_per_mail", table, peer, RelayRun::forcedWritesPerMail);
        json.writeEndObject();
      }
    }
    json.writeEndArray();
    json.writeArrayPropertyStart("runs");
    tables.forEach(table -> table.runs().forEach(run -> run(json, run)));
    json.writeEndArray();
  }

  private static void median(
      JsonGenerator json,
      String name,
      RelayTable table,
      String peer,
      ToDoubleFunction<RelayRun> figure) {
    number(json, name, table.spread(peer, figure).median());
  }

  private static void run(JsonGenerator json, RelayRun run) {
    json.writeStartObject();
    json.writeStringProperty("case", run.relayCase().toString());
    json.writeStringProperty("peer", run.peer());
    json.writeNumberProperty("round", run.round());
    json.writeNumberProperty("messages", run.messages());
    json.writeNumberProperty("accepted_nanos", run.accepted().toNanos());
    json.writeNumberProperty("end_to_end_nanos", run.arrived().toNanos());
    json.writeNumberProperty("cpu_nanos", run.cpu().toNanos());
    json.writeNumberProperty("memory_bytes", run.memoryBytes());
    json.writeNumberProperty("forced_writes", run.forcedWrites());
    number(json, "accepted_per_second", run.acceptedPerSecond());
    number(json, "end_to_end_per_second", run.arrivedPerSecond());
    number(json, "cpu_seconds_per_1000", run.cpuSecondsPerThousand());
    json.writeStringProperty("error", run.error());
    json.writeEndObject();
  }

  /** JSON has no word for what is not a number. */
  private static void number(JsonGenerator json, String name, double number) {
    if (Double.isFinite(number)) {
      json.writeNumberProperty(name, number);
    } else {
      json.writeNullProperty(name);
    }
  }
}
