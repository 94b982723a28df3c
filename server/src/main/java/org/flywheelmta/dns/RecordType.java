package org.flywheelmta.dns;

/** The types of records that are asked for, with their numbers (RFC 1035 section 3.2.2). */
public enum RecordType {
  A(1),
  MX(15),
  TXT(16),
  /** RFC 3596. */
  AAAA(28);

  private final int code;

  RecordType(int code) {
    this.code = code;
  }

  /** The number on the wire. */
  public int code() {
    return code;
  }
}
