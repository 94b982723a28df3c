package org.flywheelmta.config;

import org.flywheelmta.base.ReadOnlyThreadSafe;

/** A place in what the operator wrote. */
@ReadOnlyThreadSafe
public final class Position implements Comparable<Position> {
  private final Source source;
  private final int offset;

  Position(Source source, int offset) {
    this.source = source;
    this.offset = offset;
  }

  /** The file as the operator knows it, or {@code --set}. */
  public String file() {
    return source.name();
  }

  /** Line, from 1. */
  public int line() {
    return 1 + (int) source.text().substring(0, offset).chars().filter(c -> c == '\n').count();
  }

  /** Column, from 1, in characters of Unicode; a tab is one. */
  public int column() {
    return 1 + source.text().codePointCount(source.lineStart(offset), offset);
  }

  /** Whether both places stand in the same file. */
  boolean sameFile(Position other) {
    return source == other.source;
  }

  /** {@code FILE:LINE:COLUMN: text}, then the line (shortened when long) and a caret below it. */
  String print(String text) {
    var start = Math.max(source.lineStart(offset), offset - Limits.SHOWN_LINE / 2);
    var end = Math.min(Math.max(source.lineEnd(offset), offset), start + Limits.SHOWN_LINE);
    var line = source.text().substring(start, end);
    if (line.isBlank()) {
      return this + ": " + text;
    }
    var shown = new StringBuilder();
    var caret = new StringBuilder();
    line.codePoints()
        .forEach(c -> shown.appendCodePoint(c != '\t' && Character.isISOControl(c) ? '?' : c));
    line.substring(0, offset - start)
        .codePoints()
        .forEach(c -> caret.append(c == '\t' ? '\t' : ' '));
    return this + ": " + text + "\n" + shown + "\n" + caret + "^";
  }

  /** Reading order. */
  @Override
  public int compareTo(Position other) {
    var byFile = Integer.compare(source.order(), other.source.order());
    return byFile != 0 ? byFile : Integer.compare(offset, other.offset);
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Position p && p.source == source && p.offset == offset;
  }

  @Override
  public int hashCode() {
    return System.identityHashCode(source) * 31 + offset;
  }

  /** {@code FILE:LINE:COLUMN}. */
  @Override
  public String toString() {
    return file() + ":" + line() + ":" + column();
  }
}
