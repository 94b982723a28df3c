package org.flywheelmta.torture;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * A command line as an operator writes it, cut into words at blanks; double quotes keep a word
 * together. Names in braces stand for what only the run knows: {@code {config}}, {@code {data}},
 * {@code {port}}, {@code {sink}}. No shell is involved.
 */
final class CommandWords {
  private CommandWords() {}

  static List<String> of(String command, Map<String, String> values) {
    var words = new ArrayList<String>();
    var word = new StringBuilder();
    boolean quoted = false;
    boolean begun = false;
    for (char c : (command + ' ').toCharArray()) {
      if (c == '"') {
        quoted = !quoted;
        begun = true;
      } else if (c == ' ' && !quoted) {
        if (begun) {
          words.add(filled(word.toString(), values));
        }
        word.setLength(0);
        begun = false;
      } else {
        word.append(c);
        begun = true;
      }
    }
    if (quoted || words.isEmpty()) {
      throw new IllegalArgumentException("not a command: " + command);
    }
    return words;
  }

  private static String filled(String word, Map<String, String> values) {
    String filled = word;
    for (var value : values.entrySet()) {
      filled = filled.replace('{' + value.getKey() + '}', value.getValue());
    }
    return filled;
  }

  static boolean hasPlaces(String command) {
    return command.indexOf('{') >= 0;
  }
}
