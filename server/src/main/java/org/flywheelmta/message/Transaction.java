package org.flywheelmta.message;

import org.flywheelmta.base.TransactionId;

/**
 * What all recipients of one accepted transaction share, besides the bytes of its content.
 *
 * @param id its id, 128 bits
 * @param receivedMicros wall clock when it was accepted, microseconds since 1970
 * @param sender the envelope sender, or {@link Address#NULL}
 * @param fields tagged values of the whole transaction
 * @param recipients how many recipients it was accepted for, at least 1
 * @param contentBytes length of its content in octets
 * @param shape what the content is like
 */
public record Transaction(
    TransactionId id,
    long receivedMicros,
    Address sender,
    Fields fields,
    int recipients,
    long contentBytes,
    Content.Shape shape) {}
