package org.flywheelmta.main;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.SequencedMap;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.json.JsonFactory;

/**
 * An object of JSON that was read whole: its members are texts, whole numbers, other objects, and
 * arrays of objects. Anything else is left out.
 */
record JsonTree(SequencedMap<String, Object> members) {
  private static final JsonFactory FACTORY = new JsonFactory();
  private static final int DEEPEST = 8;

  /** The object that stands in the octets; null where they are no object. */
  static @Nullable JsonTree parse(byte[] octets) {
    try (var json = FACTORY.createParser(ObjectReadContext.empty(), octets)) {
      json.nextToken();
      return value(json, 0) instanceof JsonTree tree && json.nextToken() == null ? tree : null;
    } catch (JacksonException broken) {
      return null;
    }
  }

  private static @Nullable Object value(JsonParser json, int depth) {
    var token = json.currentToken();
    if (token == null || depth > DEEPEST) {
      return null;
    }
    return switch (token) {
      case START_OBJECT -> object(json, depth);
      case START_ARRAY -> array(json, depth);
      case VALUE_STRING -> json.getString();
      case VALUE_NUMBER_INT -> json.getLongValue();
      default -> null;
    };
  }

  private static @Nullable JsonTree object(JsonParser json, int depth) {
    var members = new LinkedHashMap<String, Object>();
    while (json.nextToken() == JsonToken.PROPERTY_NAME) {
      var name = json.currentName();
      json.nextToken();
      var value = value(json, depth + 1);
      if (value != null) {
        members.put(name, value);
      }
    }
    return depth > DEEPEST ? null : new JsonTree(members);
  }

  private static List<JsonTree> array(JsonParser json, int depth) {
    var elements = new ArrayList<JsonTree>();
    while (json.nextToken() != null && !json.currentToken().isStructEnd()) {
      if (value(json, depth + 1) instanceof JsonTree element) {
        elements.add(element);
      }
    }
    return elements;
  }

  @Nullable String text(String name) {
    return members.get(name) instanceof String text ? text : null;
  }

  /** A whole number; {@code otherwise} where there is none of that name. */
  long number(String name, long otherwise) {
    return members.get(name) instanceof Long number ? number : otherwise;
  }

  /** The objects of an array; none where there is no array of that name. */
  List<JsonTree> objects(String name) {
    var objects = new ArrayList<JsonTree>();
    if (members.get(name) instanceof List<?> list) {
      for (var element : list) {
        if (element instanceof JsonTree tree) {
          objects.add(tree);
        }
      }
    }
    return objects;
  }
}
