package org.flywheelmta.clients;

/** Exit codes, by sysexits. */
final class ExitCode {
  static final int OK = 0;
  static final int USAGE = 64;
  static final int DATA = 65;
  static final int UNAVAILABLE = 69;
  static final int BUG = 70;
  static final int IO = 74;
  static final int TEMPORARY = 75;

  private ExitCode() {}
}
