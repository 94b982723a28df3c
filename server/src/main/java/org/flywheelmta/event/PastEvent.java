package org.flywheelmta.event;

import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.SequencedMap;
import org.flywheelmta.base.ReadOnlyThreadSafe;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.json.JsonFactory;

/**
 * An event as it stands in its line, whose fields {@code docs/events.md} describes.
 *
 * @param line as it was written, without its line feed
 * @param fields by name, numbers in decimal
 */
@ReadOnlyThreadSafe
public record PastEvent(String line, SequencedMap<String, String> fields) {
  private static final JsonFactory FACTORY = new JsonFactory();

  /** The event of a line; null where the octets are none, such as those that a power cut left. */
  static @Nullable PastEvent parse(byte[] octets, int offset, int length) {
    var fields = new LinkedHashMap<String, String>();
    try (var json = FACTORY.createParser(ObjectReadContext.empty(), octets, offset, length)) {
      if (json.nextToken() != JsonToken.START_OBJECT) {
        return null;
      }
      while (json.nextToken() == JsonToken.PROPERTY_NAME) {
        var name = json.currentName();
        if (!json.nextToken().isScalarValue()) {
          return null;
        }
        fields.put(name, json.getString());
      }
      if (json.currentToken() != JsonToken.END_OBJECT || json.nextToken() != null) {
        return null;
      }
    } catch (JacksonException torn) {
      return null;
    }
    return new PastEvent(new String(octets, offset, length, StandardCharsets.UTF_8), fields);
  }

  /** The text of a field; empty where the line does not have it. */
  public String text(String name) {
    return fields.getOrDefault(name, "");
  }

  /** The number of a field; 0 where the line does not have it. */
  public long number(String name) {
    try {
      return Long.parseLong(fields.getOrDefault(name, "0"));
    } catch (NumberFormatException none) {
      return 0;
    }
  }
}
