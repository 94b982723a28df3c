package org.flywheelmta.net;

/** A version of the protocol; those before are broken, and no option brings them back. */
public enum TlsVersion {
  /** RFC 5246. */
  V1_2("TLSv1.2"),
  /** RFC 8446. */
  V1_3("TLSv1.3");

  private final String word;

  TlsVersion(String word) {
    this.word = word;
  }

  /** As engines, events and the configuration write it. */
  @Override
  public String toString() {
    return word;
  }
}
