package org.flywheelmta.bench;

import java.util.ArrayList;
import java.util.List;

/** Rows of words in columns, the first to the left and the others to the right. For one thread. */
final class Table {
  private static final String GAP = "  ";
  private final List<List<String>> rows = new ArrayList<>();

  Table(List<String> head) {
    rows.add(List.copyOf(head));
  }

  /** As many words as the head has. */
  void add(List<String> row) {
    rows.add(List.copyOf(row));
  }

  List<String> lines() {
    int columns = rows.getFirst().size();
    var widths = new int[columns];
    for (var row : rows) {
      for (int i = 0; i < columns; i++) {
        widths[i] = Math.max(widths[i], row.get(i).length());
      }
    }
    return rows.stream().map(row -> line(row, widths)).toList();
  }

  private static String line(List<String> row, int[] widths) {
    var line = new StringBuilder();
    for (int i = 0; i < widths.length; i++) {
      var blanks = " ".repeat(widths[i] - row.get(i).length());
      line.append(i == 0 ? row.get(i) + blanks : GAP + blanks + row.get(i));
    }
    return line.toString().stripTrailing();
  }
}
