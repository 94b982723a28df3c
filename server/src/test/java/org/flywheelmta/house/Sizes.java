package org.flywheelmta.house;

import java.util.ArrayList;
import java.util.List;
import org.flywheelmta.house.Syntax.Method;

/** The rules about sizes: what is long is hard to read, and what is hard to read hides bugs. */
final class Sizes {
  static final int FILE_LINES = 700;
  static final int METHOD_LINES = 70;
  static final int MEDIAN_LINES = 150;
  static final int NINE_OF_TEN_LINES = 400;
  static final int MOST_EXCEPTIONS = 3;

  /**
   * What may be longer.
   *
   * @param name file name such as {@code Parser.java}, or type and method such as {@code
   *     Parser.step}
   * @param reason why it is better in one piece
   */
  record Exemption(String name, String reason) {}

  private Sizes() {}

  static List<String> complaints(Sources sources, List<Exemption> exemptions) {
    var complaints = new ArrayList<String>();
    var unused = new ArrayList<>(exemptions.stream().map(Exemption::name).toList());
    if (exemptions.size() > MOST_EXCEPTIONS) {
      complaints.add(
          "there are more than " + MOST_EXCEPTIONS + " exceptions of size; split one of them");
    }
    for (var exemption : exemptions) {
      if (exemption.reason().isBlank()) {
        complaints.add("the exception `" + exemption.name() + "` needs a reason");
      }
    }
    for (var source : sources.files()) {
      var file = source.path().substring(source.path().lastIndexOf('/') + 1);
      int lines = source.lines().size();
      if (lines > FILE_LINES && !exempt(file, exemptions, unused)) {
        complaints.add(
            source.path() + " has " + lines + " lines of " + FILE_LINES + "; split it by its jobs");
      }
      for (var method : Syntax.methods(source, sources.positions())) {
        if (method.lines() > METHOD_LINES && !exempt(method.name(), exemptions, unused)) {
          complaints.add(tooLong(method));
        }
      }
    }
    for (var name : unused) {
      complaints.add("the exception `" + name + "` is not needed any more; take it off the list");
    }
    return complaints;
  }

  /** The rules about all files together; pages of packages do not count, they are short anyway. */
  static List<String> spread(Sources sources) {
    var complaints = new ArrayList<String>();
    var sizes =
        sources.files().stream()
            .filter(source -> !source.isPackagePage())
            .mapToInt(source -> source.lines().size())
            .sorted()
            .toArray();
    if (sizes.length == 0) {
      return complaints;
    }
    int median = sizes[sizes.length / 2];
    if (median > MEDIAN_LINES) {
      complaints.add(
          "the median file has " + median + " lines of " + MEDIAN_LINES + "; split the large ones");
    }
    int ninth = sizes[sizes.length * 9 / 10];
    if (ninth >= NINE_OF_TEN_LINES) {
      complaints.add(
          "nine of ten files are to stay under "
              + NINE_OF_TEN_LINES
              + " lines, but the ninth has "
              + ninth
              + "; split the large ones");
    }
    return complaints;
  }

  private static boolean exempt(String name, List<Exemption> exemptions, List<String> unused) {
    unused.remove(name);
    return exemptions.stream().anyMatch(exemption -> exemption.name().equals(name));
  }

  private static String tooLong(Method method) {
    return method.place()
        + ": `"
        + method.name()
        + "` has "
        + method.lines()
        + " lines of "
        + METHOD_LINES
        + "; give its steps names of their own";
  }
}
