package org.flywheelmta.torture;

import java.util.List;

/**
 * A mail as the generator composed it.
 *
 * @param id unique within the ledger, also in the header {@code X-Torture-Id}
 * @param recipients at least one address, each naming the id
 * @param content headers, blank line and body with CRLF line ends, not yet stuffed with dots; never
 *     changed
 * @param eightBit whether the body has bytes above 127, so that MAIL must say BODY=8BITMIME
 * @param print what the sink must see
 */
@SuppressWarnings("ArrayRecordComponent") // Compared by no one; the bytes are shared, not copied.
record Mail(
    String id, List<String> recipients, byte[] content, boolean eightBit, Fingerprint print) {
  String sender() {
    return Address.sender(id);
  }
}
