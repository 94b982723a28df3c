package org.flywheelmta.sandbox;

/**
 * What a Maildir may hold.
 *
 * @param maxMessages {@code sandbox_max_messages}
 * @param maxBytes {@code sandbox_max_bytes}, of all mails together
 */
record MaildirLimits(int maxMessages, long maxBytes) {}
