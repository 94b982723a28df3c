package org.flywheelmta.config;

import java.util.Collection;

/** The known name that an unknown one was most likely meant to be. */
public final class Suggestion {
  private static final int MAX_LENGTH = 64;
  private static final int MAX_DISTANCE = 3;

  private Suggestion() {}

  /**
   * How an error that names {@code unknown} ends: {@code ; did you mean "x"?}, or nothing when no
   * known name is near.
   */
  public static String question(String unknown, Collection<String> known) {
    var near = of(unknown, known);
    return near.isEmpty() ? "" : "; did you mean \"" + near + "\"?";
  }

  /** The nearest of {@code known}, of equals the first; empty when none is near. */
  static String of(String unknown, Collection<String> known) {
    var word = Words.fold(unknown);
    var nearest = "";
    var best = Math.min(MAX_DISTANCE, Math.max(1, word.length() / 3)) + 1;
    if (word.length() > MAX_LENGTH) {
      return nearest;
    }
    for (var name : known) {
      if (name.length() > MAX_LENGTH || Math.abs(name.length() - word.length()) >= best) {
        continue;
      }
      var distance = distance(word, Words.fold(name));
      if (distance < best) {
        best = distance;
        nearest = name;
      }
    }
    return nearest;
  }

  /**
   * Insertions, deletions, substitutions and swaps of neighbours that lead from one word to the
   * other (Damerau-Levenshtein with optimal string alignment).
   */
  static int distance(String a, String b) {
    var rows = new int[a.length() + 1][b.length() + 1];
    for (int i = 0; i <= a.length(); i++) {
      for (int j = 0; j <= b.length(); j++) {
        if (i == 0 || j == 0) {
          rows[i][j] = i + j;
          continue;
        }
        var same = a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1;
        var cost = Math.min(rows[i - 1][j], rows[i][j - 1]) + 1;
        cost = Math.min(cost, rows[i - 1][j - 1] + same);
        if (i > 1
            && j > 1
            && a.charAt(i - 1) == b.charAt(j - 2)
            && a.charAt(i - 2) == b.charAt(j - 1)) {
          cost = Math.min(cost, rows[i - 2][j - 2] + 1);
        }
        rows[i][j] = cost;
      }
    }
    return rows[a.length()][b.length()];
  }
}
