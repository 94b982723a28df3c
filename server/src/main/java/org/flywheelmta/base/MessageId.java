package org.flywheelmta.base;

import java.util.Optional;

/**
 * The id of one message: its transaction's id and the recipient's index in it. Printed as both with
 * a hyphen between, sortable by time, the same for ever.
 *
 * @param transaction the transaction that brought it in
 * @param recipient index of its recipient in that transaction, from 0
 */
public record MessageId(TransactionId transaction, int recipient) implements Comparable<MessageId> {
  /** The id printed in {@code text}; empty when it is none. */
  public static Optional<MessageId> parse(String text) {
    int hyphen = TransactionId.TEXT_LENGTH;
    if (text.length() <= hyphen + 1 || text.length() > hyphen + 10 || text.charAt(hyphen) != '-') {
      return Optional.empty();
    }
    int recipient = 0;
    for (int i = hyphen + 1; i < text.length(); i++) {
      int digit = text.charAt(i) - '0';
      if (digit < 0 || digit > 9) {
        return Optional.empty();
      }
      recipient = recipient * 10 + digit;
    }
    int index = recipient;
    return TransactionId.parse(text.substring(0, hyphen)).map(id -> new MessageId(id, index));
  }

  @Override
  public int compareTo(MessageId other) {
    int order = transaction.compareTo(other.transaction);
    return order != 0 ? order : Integer.compare(recipient, other.recipient);
  }

  @Override
  public String toString() {
    return transaction + "-" + recipient;
  }
}
