package org.flywheelmta.torture;

import java.util.List;
import org.flywheelmta.clients.Letter;

/**
 * A mail as the generator composed it.
 *
 * @param id unique within the ledger, also in the header {@code X-Torture-Id}
 * @param recipients at least one address, each naming the id
 * @param head headers and the blank line with CRLF line ends, no line beginning with a dot; never
 *     changed
 * @param body what follows
 * @param print what the sink must see
 */
@SuppressWarnings("ArrayRecordComponent") // Compared by no one; the bytes are shared, not copied.
record Mail(String id, List<String> recipients, byte[] head, Body body, Fingerprint print) {
  String sender() {
    return Address.sender(id);
  }

  boolean eightBit() {
    return body.eightBit();
  }

  /** As it goes over the wire. */
  Letter letter() {
    return new Letter(
        sender(), recipients, eightBit() ? " BODY=8BITMIME" : "", List.of(head, body.stuffed()));
  }
}
