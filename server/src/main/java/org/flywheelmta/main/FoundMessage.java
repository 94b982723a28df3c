package org.flywheelmta.main;

import java.util.ArrayList;
import java.util.List;
import org.flywheelmta.base.MessageId;
import org.flywheelmta.base.NonThreadSafe;
import org.flywheelmta.event.PastEvent;
import org.flywheelmta.spool.SpoolReader;
import org.jspecify.annotations.Nullable;

/** A message that was looked for: what the spool says of it, and its events in order. */
@NonThreadSafe
final class FoundMessage {
  /** An event that ends a message goes before a look at the spool that is hardly older. */
  private static final long LOOK_MICROS = 1_000_000;

  private final String id;
  private final List<PastEvent> history = new ArrayList<>();
  private SpoolReader.@Nullable Waiting waiting;

  /**
   * @param id of the message; of the event, for mail that was never taken in
   */
  FoundMessage(String id) {
    this.id = id;
  }

  void add(PastEvent event) {
    history.add(event);
  }

  void waits(SpoolReader.Waiting inSpool) {
    waiting = inSpool;
  }

  String id() {
    return id;
  }

  List<PastEvent> history() {
    return history;
  }

  SpoolReader.@Nullable Waiting waiting() {
    return waiting;
  }

  String sender() {
    return waiting != null ? waiting.sender().toString() : first("sender");
  }

  String recipient() {
    return waiting != null ? waiting.recipient().toString() : first("recipient");
  }

  /** When it was accepted, microseconds since 1970; 0 where nothing tells. */
  long receivedMicros() {
    if (waiting != null) {
      return waiting.receivedMicros();
    }
    for (var event : history) {
      if (event.text("type").equals("reception")) {
        return event.number("time");
      }
    }
    return MessageId.parse(id).map(parsed -> parsed.transaction().wallMicros()).orElse(0L);
  }

  long bytes() {
    if (waiting != null) {
      return waiting.contentBytes();
    }
    for (var event : history) {
      if (event.number("bytes") > 0) {
        return event.number("bytes");
      }
    }
    return 0;
  }

  /** The reply that counts: of the last attempt. */
  String reply() {
    for (var event : history.reversed()) {
      var reply = reply(event);
      if (!reply.isEmpty()) {
        return reply;
      }
    }
    return "";
  }

  /** Code, enhanced code and text of an event, as far as it has them. */
  static String reply(PastEvent event) {
    var reply = new StringBuilder();
    for (var part : List.of("code", "enhanced", "text")) {
      var text = event.text(part);
      if (!text.isEmpty()) {
        reply.append(reply.isEmpty() ? "" : " ").append(text);
      }
    }
    return reply.toString();
  }

  private String first(String field) {
    for (var event : history) {
      if (!event.text(field).isEmpty()) {
        return event.text(field);
      }
    }
    return "";
  }

  /**
   * Where it stands.
   *
   * @param lookMicros when the spool was looked at, by the wall clock
   */
  State state(long lookMicros) {
    var end = State.UNKNOWN;
    long endMicros = 0;
    for (var event : history) {
      var state = State.of(event.text("type"));
      if (state != State.UNKNOWN) {
        end = state;
        endMicros = event.number("time");
      }
    }
    boolean newer = endMicros >= lookMicros - LOOK_MICROS;
    return waiting != null && !newer ? State.WAITING : end;
  }

  /** Where a message may stand. */
  enum State {
    /** It is in the spool. */
    WAITING("waiting"),
    DELIVERED("delivered"),
    FAILED("failed"),
    EXPIRED("expired"),
    DISCARDED("discarded"),
    /** It was never taken in. */
    REJECTED("rejected"),
    /** It waits nowhere, and the event that ended it is missing. */
    UNKNOWN("unknown");

    private final String word;

    State(String word) {
      this.word = word;
    }

    String word() {
      return word;
    }

    private static State of(String type) {
      return switch (type) {
        case "delivery" -> DELIVERED;
        case "bounce" -> FAILED;
        case "expiry" -> EXPIRED;
        case "discard" -> DISCARDED;
        case "rejection" -> REJECTED;
        default -> UNKNOWN;
      };
    }
  }
}
