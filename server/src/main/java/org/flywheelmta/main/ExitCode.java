package org.flywheelmta.main;

/** Exit codes, by sysexits; 1 is that of a search in vain, as grep has it. */
final class ExitCode {
  static final int OK = 0;
  static final int NOT_FOUND = 1;
  static final int USAGE = 64;
  static final int DATA = 65;
  static final int UNAVAILABLE = 69;
  static final int BUG = 70;
  static final int CANNOT_CREATE = 73;
  static final int IO = 74;
  static final int TEMPORARY = 75;
  static final int PERMISSION = 77;
  static final int CONFIGURATION = 78;

  private ExitCode() {}
}
