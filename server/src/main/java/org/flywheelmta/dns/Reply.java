package org.flywheelmta.dns;

import java.util.List;
import org.flywheelmta.base.ReadOnlyThreadSafe;

/** What one server made of one query. */
@ReadOnlyThreadSafe
public sealed interface Reply {
  /**
   * It has said how things are.
   *
   * @param nameExists false for NXDOMAIN, which is about the last name of a chain of aliases
   * @param answers of the type that was asked for, and aliases; in the order of the message
   * @param negativeSeconds the lesser of the TTL of the SOA record and its minimum field (RFC 2308
   *     section 5); {@link #NO_SOA} without one
   */
  record Told(boolean nameExists, List<Resource> answers, long negativeSeconds) implements Reply {}

  /** It answered, and not with an answer: SERVFAIL, REFUSED, a message that cannot be read. */
  record Trouble(String reason) implements Reply {}

  /** Nothing came in time, or nothing could be sent. */
  record Silence(String reason) implements Reply {}

  /** For a message without an SOA record. */
  long NO_SOA = -1;

  /** One record of an answer. */
  @ReadOnlyThreadSafe
  sealed interface Resource {
    /** The name that it is about, in lower case, without a dot at the end. */
    String owner();

    /** How long it counts, from 0 to 2,147,483,647 seconds. */
    long ttlSeconds();
  }

  /** A record of the type that was asked for. */
  record Said(String owner, long ttlSeconds, Rdata data) implements Resource {}

  /**
   * A CNAME record (RFC 1034 section 3.6.2).
   *
   * @param target in lower case, without a dot at the end
   */
  record Alias(String owner, long ttlSeconds, String target) implements Resource {}
}
