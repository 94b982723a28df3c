package org.flywheelmta.event;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import org.flywheelmta.base.SingleThreadSafe;
import org.flywheelmta.base.TransactionId;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.ObjectWriteContext;
import tools.jackson.core.SerializableString;
import tools.jackson.core.io.SerializedString;
import tools.jackson.core.json.JsonFactory;
import tools.jackson.core.json.JsonWriteFeature;

/**
 * A batch of events as lines of JSON in UTF-8, in a buffer that is used again and again. The schema
 * is described in {@code docs/events.md}; a field that is empty is left out.
 */
@SingleThreadSafe
final class EventLines {
  /** The version of the schema; it changes when a field changes its meaning or goes away. */
  static final int SCHEMA_VERSION = 1;

  static final JsonFactory FACTORY =
      JsonFactory.builder()
          .rootValueSeparator((String) null)
          .characterEscapes(new LineEscapes())
          .enable(JsonWriteFeature.COMBINE_UNICODE_SURROGATES_IN_UTF8)
          .disable(JsonWriteFeature.WRITE_HEX_UPPER_CASE)
          .build();

  private static final SerializableString VERSION = new SerializedString("v");
  private static final SerializableString ID = new SerializedString("id");
  private static final SerializableString NODE = new SerializedString("node");
  private static final SerializableString TIME = new SerializedString("time");
  private static final SerializableString TYPE = new SerializedString("type");
  private static final SerializableString MESSAGE = new SerializedString("message");
  private static final SerializableString TRANSACTION = new SerializedString("transaction");
  private static final SerializableString CONNECTION = new SerializedString("connection");
  private static final SerializableString SENDER = new SerializedString("sender");
  private static final SerializableString RECIPIENT = new SerializedString("recipient");
  private static final SerializableString BINDING = new SerializedString("binding");
  private static final SerializableString DOMAIN = new SerializedString("domain");
  private static final SerializableString LISTENER = new SerializedString("listener");
  private static final SerializableString PEER = new SerializedString("peer");
  private static final SerializableString TLS_VERSION = new SerializedString("tls_version");
  private static final SerializableString TLS_CIPHER = new SerializedString("tls_cipher");
  private static final SerializableString TLS_GROUP = new SerializedString("tls_group");
  private static final SerializableString TLS_RESUMED = new SerializedString("tls_resumed");
  private static final SerializableString TLS_VERIFIED = new SerializedString("tls_verified");
  private static final SerializableString STAGE = new SerializedString("stage");
  private static final SerializableString CODE = new SerializedString("code");
  private static final SerializableString ENHANCED = new SerializedString("enhanced");
  private static final SerializableString TEXT = new SerializedString("text");
  private static final SerializableString ATTEMPT = new SerializedString("attempt");
  private static final SerializableString BYTES = new SerializedString("bytes");
  private static final SerializableString LATENCY = new SerializedString("latency_us");

  private final String node;
  private final EventId id;
  private final Buffer buffer = new Buffer();
  private final JsonGenerator json = FACTORY.createGenerator(ObjectWriteContext.empty(), buffer);
  private final char[] messageId = new char[TransactionId.TEXT_LENGTH + 1 + 10];
  private int events;

  EventLines(String node, long startMicros) {
    this.node = WellFormed.text(node);
    this.id = new EventId(startMicros);
  }

  /** Appends the line of one event, with the next id. */
  void add(MailEvent event) {
    json.writeStartObject();
    number(VERSION, SCHEMA_VERSION);
    json.writeName(ID);
    json.writeString(id.next(), 0, EventId.LENGTH);
    text(NODE, node);
    number(TIME, event.wallMicros());
    text(TYPE, event.type().word());
    ids(event.transaction(), event.recipientIndex());
    number(CONNECTION, event.connectionId());
    text(SENDER, event.sender());
    text(RECIPIENT, event.recipient());
    where(event.where());
    reply(event.reply());
    number(ATTEMPT, event.attempt());
    number(BYTES, event.bytes());
    if (event.latencyNanos() > 0) {
      json.writeName(LATENCY);
      json.writeNumber(event.latencyNanos() / 1_000);
    }
    json.writeEndObject();
    json.writeRaw('\n');
    events++;
  }

  private void ids(@Nullable TransactionId transaction, int recipient) {
    if (transaction == null) {
      return;
    }
    var printed = transaction.toString();
    if (recipient >= 0) {
      int length = printed.length();
      printed.getChars(0, length, messageId, 0);
      messageId[length++] = '-';
      int digits = digits(recipient);
      Digits.put(messageId, length, digits, recipient);
      json.writeName(MESSAGE);
      json.writeString(messageId, 0, length + digits);
    }
    json.writeName(TRANSACTION);
    json.writeString(printed);
  }

  private static int digits(int number) {
    int digits = 1;
    for (int rest = number / 10; rest > 0; rest /= 10) {
      digits++;
    }
    return digits;
  }

  private void where(MailEvent.Where where) {
    text(BINDING, where.binding());
    text(DOMAIN, where.domain());
    text(LISTENER, where.listener());
    text(PEER, where.peer());
    var tls = where.tls();
    if (tls != null) {
      text(TLS_VERSION, tls.version());
      text(TLS_CIPHER, tls.cipher());
      text(TLS_GROUP, tls.group());
      if (tls.resumed()) {
        text(TLS_RESUMED, "yes");
      }
      text(TLS_VERIFIED, tls.verified());
    }
  }

  private void reply(MailEvent.Reply reply) {
    text(STAGE, reply.stage());
    number(CODE, reply.code());
    text(ENHANCED, reply.enhanced());
    text(TEXT, reply.text());
  }

  private void text(SerializableString name, String value) {
    if (!value.isEmpty()) {
      json.writeName(name);
      json.writeString(WellFormed.text(value));
    }
  }

  private void number(SerializableString name, long value) {
    if (value != 0) {
      json.writeName(name);
      json.writeNumber(value);
    }
  }

  /** Octets in the batch so far. */
  int size() {
    return buffer.size() + json.streamWriteOutputBuffered();
  }

  /** How many events the batch holds. */
  int events() {
    return events;
  }

  /** The whole batch; good until it is added to or cleared. */
  ByteBuffer bytes() {
    json.flush();
    return buffer.bytes();
  }

  /** Begins the next batch. */
  void clear() {
    buffer.reset();
    events = 0;
  }

  /** Gives its bytes out without copying them. */
  private static final class Buffer extends ByteArrayOutputStream {
    Buffer() {
      super(EventWriter.BATCH_BYTES + (8 << 10));
    }

    ByteBuffer bytes() {
      return ByteBuffer.wrap(buf, 0, count);
    }
  }
}
