package org.flywheelmta.config;

/** What one configuration may hold at most. All are far beyond what a person writes. */
final class Limits {
  /** Errors reported by one load; what comes after the last is most often its consequence. */
  static final int ERRORS = 20;

  /** Warnings reported by one load. */
  static final int WARNINGS = 100;

  /** Stanzas within stanzas, and lists within lists. */
  static final int NESTING = 16;

  /** Files within files. */
  static final int INCLUDE_DEPTH = 16;

  /** Files read by one load, each counted as often as it is included. */
  static final int FILES = 1_000;

  /** Bytes of one file. */
  static final int FILE_BYTES = 16 << 20;

  /** Bytes of all files of one load. */
  static final int TOTAL_BYTES = 64 << 20;

  /** Characters of a domain or host pattern. */
  static final int PATTERN_LENGTH = 512;

  /** Characters that one pattern may look at while it is held against one name. */
  static final int PATTERN_STEPS = 50_000;

  /** Characters of a name that patterns are held against; DNS names are shorter. */
  static final int NAME_LENGTH = 255;

  /** Characters of a quoted word within an error. */
  static final int SHOWN_WORD = 64;

  /** Characters of the source line shown below an error. */
  static final int SHOWN_LINE = 160;

  private Limits() {}
}
