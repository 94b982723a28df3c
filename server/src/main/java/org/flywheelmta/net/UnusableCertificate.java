package org.flywheelmta.net;

import java.nio.file.Path;

/** A certificate, key or bundle of authorities that cannot be used. */
public final class UnusableCertificate extends Exception {
  private static final long serialVersionUID = 1L;

  /**
   * @param why one clause
   */
  UnusableCertificate(Path file, String why) {
    this(file + ": " + why);
  }

  /**
   * @param text the file, and why
   */
  UnusableCertificate(String text) {
    super(text);
  }
}
