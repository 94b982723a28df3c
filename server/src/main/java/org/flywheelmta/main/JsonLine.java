package org.flywheelmta.main;

import java.io.StringWriter;
import java.util.List;
import org.flywheelmta.base.NonThreadSafe;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.ObjectWriteContext;
import tools.jackson.core.json.JsonFactory;

/** One JSON object on one line. */
@NonThreadSafe
final class JsonLine {
  private static final JsonFactory FACTORY = new JsonFactory();

  private final StringWriter line = new StringWriter();
  private final JsonGenerator json = FACTORY.createGenerator(ObjectWriteContext.empty(), line);

  JsonLine() {
    json.writeStartObject();
  }

  JsonLine text(String name, String value) {
    json.writeStringProperty(name, value);
    return this;
  }

  JsonLine number(String name, long value) {
    json.writeNumberProperty(name, value);
    return this;
  }

  JsonLine texts(String name, List<String> values) {
    json.writeArrayPropertyStart(name);
    values.forEach(json::writeString);
    json.writeEndArray();
    return this;
  }

  /** An array of objects, each of which is JSON already. */
  JsonLine objects(String name, List<String> objects) {
    json.writeArrayPropertyStart(name);
    objects.forEach(json::writeRawValue);
    json.writeEndArray();
    return this;
  }

  JsonLine flag(String name, boolean value) {
    json.writeBooleanProperty(name, value);
    return this;
  }

  /** The line, without its line feed; the object takes nothing more. */
  String end() {
    json.writeEndObject();
    json.close();
    return line.toString();
  }
}
