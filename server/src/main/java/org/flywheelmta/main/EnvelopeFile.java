package org.flywheelmta.main;

import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import org.flywheelmta.base.ReadOnlyThreadSafe;
import org.flywheelmta.base.TransactionId;
import org.flywheelmta.message.Address;
import org.flywheelmta.message.Content;
import org.flywheelmta.message.Fields;
import org.flywheelmta.message.Message;
import org.flywheelmta.message.Transaction;
import org.flywheelmta.spool.SpoolReader;
import org.flywheelmta.spool.StoredOutcome;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.ObjectWriteContext;
import tools.jackson.core.json.JsonFactory;

/**
 * Everything about a transaction but its content, and the JSON that it is exported as. Values that
 * are UTF-8 stand as texts, others as base64 under a name that says so.
 *
 * @param contentBytes length of the content that belongs to it
 * @param recipients all of them, by index
 */
@ReadOnlyThreadSafe
record EnvelopeFile(
    TransactionId id,
    long receivedMicros,
    Address sender,
    Fields fields,
    long contentBytes,
    List<Recipient> recipients) {
  private static final int VERSION = 1;
  private static final JsonFactory FACTORY = new JsonFactory();

  /**
   * One recipient.
   *
   * @param latest its last outcome; null where it was not attempted
   */
  record Recipient(Address address, Fields fields, @Nullable StoredOutcome latest) {}

  /** What came of reading one. */
  sealed interface Read {
    record Ok(EnvelopeFile envelope) implements Read {}

    /**
     * @param why one clause for the operator
     */
    record Bad(String why) implements Read {}
  }

  static EnvelopeFile of(SpoolReader.Shown shown) {
    var transaction = shown.transaction();
    var recipients = new ArrayList<Recipient>();
    for (int i = 0; i < shown.recipients().size(); i++) {
      recipients.add(
          new Recipient(shown.recipients().get(i), shown.fields().get(i), shown.latest().get(i)));
    }
    return new EnvelopeFile(
        transaction.id(),
        transaction.receivedMicros(),
        transaction.sender(),
        transaction.fields(),
        transaction.contentBytes(),
        recipients);
  }

  /** The same with content of that length. */
  EnvelopeFile withBytes(long bytes) {
    return new EnvelopeFile(id, receivedMicros, sender, fields, bytes, recipients);
  }

  /** The messages of the transaction, each with one reference for the caller. */
  List<Message> messages(Content.Shape shape) {
    var transaction =
        new Transaction(id, receivedMicros, sender, fields, recipients.size(), contentBytes, shape);
    var messages = new ArrayList<Message>();
    for (var recipient : recipients) {
      messages.add(
          new Message(
              transaction,
              messages.size(),
              recipient.address(),
              recipient.fields(),
              Message.Stage.RECEIVED,
              null));
    }
    return messages;
  }

  /** One object on one line. */
  String json() {
    var line = new StringWriter();
    var json = FACTORY.createGenerator(ObjectWriteContext.empty(), line);
    json.writeStartObject();
    json.writeNumberProperty("version", VERSION);
    json.writeStringProperty("id", id.toString());
    json.writeNumberProperty("received", receivedMicros);
    json.writeStringProperty("received_at", Times.text(receivedMicros));
    octets(json, "sender", sender.octets());
    json.writeNumberProperty("bytes", contentBytes);
    fields(json, "fields", fields);
    json.writeArrayPropertyStart("recipients");
    for (int i = 0; i < recipients.size(); i++) {
      recipient(json, i, recipients.get(i));
    }
    json.writeEndArray();
    json.writeEndObject();
    json.close();
    return line.toString();
  }

  private static void recipient(JsonGenerator json, int index, Recipient recipient) {
    var latest = recipient.latest();
    json.writeStartObject();
    json.writeNumberProperty("index", index);
    octets(json, "recipient", recipient.address().octets());
    json.writeStringProperty(
        "state", latest == null ? "new" : latest.kind().name().toLowerCase(Locale.ROOT));
    if (latest != null) {
      json.writeNumberProperty("attempts", latest.attempts());
      json.writeNumberProperty("due", latest.dueMicros());
      json.writeNumberProperty("time", latest.wallMicros());
      json.writeStringProperty("reply", latest.reply());
      fields(json, "changed", latest.fields());
    }
    fields(json, "fields", recipient.fields());
    json.writeEndObject();
  }

  private static void fields(JsonGenerator json, String name, Fields fields) {
    if (fields.count() == 0) {
      return;
    }
    json.writeArrayPropertyStart(name);
    for (int i = 0; i < fields.count(); i++) {
      json.writeStartObject();
      json.writeNumberProperty("tag", fields.tagAt(i));
      var known = FieldNames.of(fields.tagAt(i));
      if (known != null) {
        json.writeStringProperty("name", known);
      }
      octets(json, "value", fields.valueAt(i));
      json.writeEndObject();
    }
    json.writeEndArray();
  }

  private static void octets(JsonGenerator json, String name, byte[] octets) {
    var text = new String(octets, StandardCharsets.UTF_8);
    if (Arrays.equals(text.getBytes(StandardCharsets.UTF_8), octets)) {
      json.writeStringProperty(name, text);
    } else {
      json.writeStringProperty(name + "_base64", Base64.getEncoder().encodeToString(octets));
    }
  }

  /** Reads what {@link #json()} wrote, or somebody else in its manner. */
  static Read read(byte[] json) {
    var tree = JsonTree.parse(json);
    if (tree == null) {
      return new Read.Bad("it is no JSON object");
    }
    if (tree.number("version", VERSION) != VERSION) {
      return new Read.Bad("it is of an unknown version");
    }
    var printed = tree.text("id");
    var id = TransactionId.parse(printed == null ? "" : printed);
    var sender = octets(tree, "sender");
    var fields = fields(tree, "fields");
    if (id.isEmpty() || sender == null || fields == null) {
      return new Read.Bad("it has no id, no sender or fields that are none");
    }
    var recipients = new ArrayList<Recipient>();
    for (var each : tree.objects("recipients")) {
      var recipient = recipient(each);
      if (recipient == null || each.number("index", recipients.size()) != recipients.size()) {
        return new Read.Bad("recipient " + recipients.size() + " is incomplete or out of order");
      }
      recipients.add(recipient);
    }
    if (recipients.isEmpty()) {
      return new Read.Bad("it has no recipient");
    }
    long received = tree.number("received", id.get().wallMicros());
    return new Read.Ok(
        new EnvelopeFile(
            id.get(), received, Address.of(sender), fields, tree.number("bytes", -1), recipients));
  }

  private static @Nullable Recipient recipient(JsonTree tree) {
    var address = octets(tree, "recipient");
    var fields = fields(tree, "fields");
    var changed = fields(tree, "changed");
    var state = tree.text("state");
    if (address == null || address.length == 0 || fields == null || changed == null) {
      return null;
    }
    if (state == null || state.equals("new")) {
      return new Recipient(Address.of(address), fields, null);
    }
    for (var kind : StoredOutcome.Kind.values()) {
      if (kind.name().toLowerCase(Locale.ROOT).equals(state)) {
        var reply = tree.text("reply");
        var latest =
            new StoredOutcome(
                kind,
                Math.toIntExact(Math.clamp(tree.number("attempts", 0), 0, Integer.MAX_VALUE)),
                tree.number("due", 0),
                tree.number("time", 0),
                reply == null ? "" : reply,
                changed);
        return new Recipient(Address.of(address), fields, latest);
      }
    }
    return null;
  }

  private static @Nullable Fields fields(JsonTree tree, String name) {
    var fields = Fields.NONE;
    for (var each : tree.objects(name)) {
      long tag = each.number("tag", 0);
      var value = octets(each, "value");
      if (tag < 1 || tag > 0xffff || value == null) {
        return null;
      }
      fields = fields.with((int) tag, value);
    }
    return fields;
  }

  private static byte @Nullable [] octets(JsonTree tree, String name) {
    var text = tree.text(name);
    if (text != null) {
      return text.getBytes(StandardCharsets.UTF_8);
    }
    var coded = tree.text(name + "_base64");
    try {
      return coded == null ? null : Base64.getDecoder().decode(coded);
    } catch (IllegalArgumentException wrong) {
      return null;
    }
  }
}
