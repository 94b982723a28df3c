package org.flywheelmta.clients;

import java.util.List;

/**
 * A mail as it goes over the wire.
 *
 * @param sender envelope sender; empty for the null sender
 * @param recipients at least one
 * @param parameters of MAIL, each with a blank before it, such as {@code BODY=8BITMIME}; or empty
 * @param stuffed the content in parts: lines that end in CRLF, with a second dot where one begins
 *     with a dot (RFC 5321, section 4.5.2); never changed
 */
public record Letter(
    String sender, List<String> recipients, String parameters, List<byte[]> stuffed) {}
