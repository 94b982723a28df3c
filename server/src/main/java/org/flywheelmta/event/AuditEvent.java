package org.flywheelmta.event;

import java.util.List;
import org.flywheelmta.base.ReadOnlyThreadSafe;

/**
 * Something that an auditor asks for later; {@code docs/audit.md} has the fields.
 *
 * @param wallMicros when it happened, since 1970
 * @param account whom it is about, as the client wrote it where nobody of that name is known
 * @param roles of the account, where they are known
 * @param mechanism of SASL; empty where there was none
 * @param where it happened
 * @param reason for operators; empty where there is nothing to say
 * @param count for how many such things this one stands; 0 for itself
 */
@ReadOnlyThreadSafe
public record AuditEvent(
    Type type,
    long wallMicros,
    String account,
    List<String> roles,
    String mechanism,
    Where where,
    String reason,
    long count) {
  public AuditEvent {
    roles = List.copyOf(roles);
  }

  /** What happened. */
  public enum Type {
    /** Somebody has authenticated. */
    AUTHENTICATED("authenticated"),
    /** Somebody has tried to, and is not who they say. */
    FAILED("authentication_failed"),
    /** Attempts that were not looked at, or could not be decided. */
    REFUSED("authentication_refused"),
    /** An account was added. */
    ADDED("account_added"),
    /** An account got another password or other roles. */
    CHANGED("account_changed"),
    /** An account was removed. */
    REMOVED("account_removed"),
    /** Lines are missing here, {@link AuditEvent#count} of them. */
    GAP("gap");

    private final String word;

    Type(String word) {
      this.word = word;
    }

    /** As lines have it. */
    public String word() {
      return word;
    }
  }

  /**
   * Where it happened.
   *
   * @param service the protocol, or {@code command}
   * @param listener the address that the client connected to
   * @param peer the client's address
   * @param secure whether nobody else could read
   */
  @ReadOnlyThreadSafe
  public record Where(String service, String listener, String peer, boolean secure) {}
}
