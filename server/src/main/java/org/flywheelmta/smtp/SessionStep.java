package org.flywheelmta.smtp;

import org.flywheelmta.base.SingleThreadSafe;
import org.flywheelmta.message.Address;
import org.jspecify.annotations.Nullable;

/**
 * What a hook of the session is asked about.
 *
 * @param client who asks
 * @param address the name of EHLO, the sender of MAIL and DATA, the recipient of RCPT; null at
 *     connect
 */
@SingleThreadSafe
public record SessionStep(Client client, @Nullable Address address) {}
