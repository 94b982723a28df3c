package org.flywheelmta.bench;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Map;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.ObjectWriteContext;
import tools.jackson.core.json.JsonFactory;

/**
 * A result as one JSON object: the name of the benchmark, when and on what machine it ran, what
 * took part, and whatever the benchmark adds. For one thread.
 */
final class JsonReport implements AutoCloseable {
  private static final JsonFactory JSON = new JsonFactory();

  private final JsonGenerator json;

  private JsonReport(JsonGenerator json) {
    this.json = json;
  }

  /**
   * Begins a report.
   *
   * @param versions which version of what took part, by name
   */
  static JsonReport begin(
      Path file, String benchmark, Instant date, Machine machine, Map<String, String> versions)
      throws IOException {
    var out = Files.newBufferedWriter(file, StandardCharsets.UTF_8);
    var json = JSON.createGenerator(ObjectWriteContext.empty(), out);
    json.writeStartObject();
    json.writeStringProperty("benchmark", benchmark);
    json.writeStringProperty("date", date.truncatedTo(ChronoUnit.SECONDS).toString());
    json.writeObjectPropertyStart("machine");
    json.writeStringProperty("processor", machine.processor());
    json.writeNumberProperty("cores", machine.cores());
    json.writeNumberProperty("memory_bytes", machine.memoryBytes());
    json.writeStringProperty("kernel", machine.kernel());
    json.writeStringProperty("java", machine.java());
    json.writeEndObject();
    json.writeObjectPropertyStart("versions");
    versions.forEach(json::writeStringProperty);
    json.writeEndObject();
    return new JsonReport(json);
  }

  /** For what the benchmark adds. */
  JsonGenerator json() {
    return json;
  }

  @Override
  public void close() {
    json.writeEndObject();
    json.writeRaw('\n');
    // It closes the file, too.
    json.close();
  }
}
