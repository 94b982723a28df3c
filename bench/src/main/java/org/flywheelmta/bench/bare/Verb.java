package org.flywheelmta.bench.bare;

/** The commands as their first four octets in capital letters, one after the other. */
final class Verb {
  static final int EHLO = 'E' << 24 | 'H' << 16 | 'L' << 8 | 'O';
  static final int HELO = 'H' << 24 | 'E' << 16 | 'L' << 8 | 'O';
  static final int MAIL = 'M' << 24 | 'A' << 16 | 'I' << 8 | 'L';
  static final int RCPT = 'R' << 24 | 'C' << 16 | 'P' << 8 | 'T';
  static final int DATA = 'D' << 24 | 'A' << 16 | 'T' << 8 | 'A';
  static final int RSET = 'R' << 24 | 'S' << 16 | 'E' << 8 | 'T';
  static final int NOOP = 'N' << 24 | 'O' << 16 | 'O' << 8 | 'P';
  static final int QUIT = 'Q' << 24 | 'U' << 16 | 'I' << 8 | 'T';

  private Verb() {}
}
