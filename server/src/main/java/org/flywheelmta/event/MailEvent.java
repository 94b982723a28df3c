package org.flywheelmta.event;

import org.flywheelmta.base.TransactionId;
import org.jspecify.annotations.Nullable;

/**
 * One thing that happened to one message, or to one attempt to bring a message in.
 *
 * @param type what happened
 * @param wallMicros when, microseconds since 1970
 * @param transaction the transaction; null where there was none yet (a rejection before DATA)
 * @param recipientIndex of the recipient in the transaction; -1 where the event speaks of none
 * @param connectionId the connection on which it happened, unique in a run of the server; 0 for
 *     none
 * @param sender envelope sender; empty for the null sender
 * @param recipient envelope recipient; empty where there is none
 * @param bytes size of the content in octets; 0 where unknown
 * @param where listener for receptions and rejections; domain record and host for deliveries
 * @param reply what was answered, or what happened to a connection
 * @param attempt which attempt it was, from 1; 0 for receptions and rejections
 * @param latencyNanos from acceptance to this event; from the beginning of DATA for receptions
 */
public record MailEvent(
    Type type,
    long wallMicros,
    @Nullable TransactionId transaction,
    int recipientIndex,
    long connectionId,
    String sender,
    String recipient,
    long bytes,
    Where where,
    Reply reply,
    int attempt,
    long latencyNanos) {
  /** The field's words, one each. */
  public enum Type {
    RECEPTION("reception"),
    DELIVERY("delivery"),
    /** A transient failure: it will be tried again. */
    TEMPFAIL("tempfail"),
    /** A permanent failure: it will not. */
    BOUNCE("bounce"),
    EXPIRY("expiry"),
    REJECTION("rejection"),
    /** Taken out of the queue without a delivery (blackhole). */
    DISCARD("discard");

    private final String word;

    Type(String word) {
      this.word = word;
    }

    /** The word in the event log. */
    public String word() {
      return word;
    }
  }

  /**
   * Where it happened.
   *
   * @param listener name of the listener; empty for deliveries
   * @param domain name of the domain record; empty for receptions
   * @param peer address and port of the other side; empty where there was none
   * @param binding name of the binding; empty for receptions
   * @param tls how the connection was secured; null for one in clear, or where there was none
   */
  public record Where(
      String listener, String domain, String peer, String binding, @Nullable Tls tls) {
    /** In clear, or without a connection. */
    public Where(String listener, String domain, String peer, String binding) {
      this(listener, domain, peer, binding, null);
    }
  }

  /**
   * A reply, or what stands in for one.
   *
   * @param stage phase of the dialogue, such as {@code connect}, {@code mail}, {@code rcpt}, {@code
   *     data}, {@code body}
   * @param code reply code; 0 where there was none
   * @param enhanced enhanced status code (RFC 3463), or empty
   * @param text text without the codes, lines joined by a space
   */
  public record Reply(String stage, int code, String enhanced, String text) {
    /** No reply. */
    public static final Reply NONE = new Reply("", 0, "", "");
  }
}
