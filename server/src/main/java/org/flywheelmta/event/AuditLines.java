package org.flywheelmta.event;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import org.flywheelmta.base.SingleThreadSafe;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.ObjectWriteContext;

/** A batch of audit events as lines of JSON in UTF-8; {@code docs/audit.md} has the schema. */
@SingleThreadSafe
final class AuditLines {
  static final int SCHEMA_VERSION = 1;

  private final String node;
  private final ByteArrayOutputStream buffer = new ByteArrayOutputStream();
  private final JsonGenerator json =
      EventLines.FACTORY.createGenerator(ObjectWriteContext.empty(), buffer);
  private int events;

  AuditLines(String node) {
    this.node = WellFormed.text(node);
  }

  void add(AuditEvent event) {
    json.writeStartObject();
    json.writeNumberProperty("v", SCHEMA_VERSION);
    text("node", node);
    json.writeNumberProperty("time", event.wallMicros());
    text("type", event.type().word());
    text("account", event.account());
    if (!event.roles().isEmpty()) {
      json.writeArrayPropertyStart("roles");
      event.roles().forEach(role -> json.writeString(WellFormed.text(role)));
      json.writeEndArray();
    }
    text("mechanism", event.mechanism());
    text("service", event.where().service());
    text("listener", event.where().listener());
    text("peer", event.where().peer());
    if (event.where().secure()) {
      json.writeBooleanProperty("secure", true);
    }
    text("reason", event.reason());
    if (event.count() > 0) {
      json.writeNumberProperty("count", event.count());
    }
    json.writeEndObject();
    json.writeRaw('\n');
    json.flush();
    events++;
  }

  private void text(String name, String value) {
    if (!value.isEmpty()) {
      json.writeStringProperty(name, WellFormed.text(value));
    }
  }

  int size() {
    return buffer.size();
  }

  int events() {
    return events;
  }

  ByteBuffer bytes() {
    return ByteBuffer.wrap(buffer.toByteArray());
  }

  void clear() {
    buffer.reset();
    events = 0;
  }
}
