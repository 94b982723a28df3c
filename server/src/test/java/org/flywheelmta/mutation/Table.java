package org.flywheelmta.mutation;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The page {@code docs/mutations.md}: which seed found which defect, and how. */
final class Table {
  private static final int FINDING_MOST = 140;

  private static final String HEAD =
      """
      # Mutations

      A simulation that finds nothing proves nothing until it has found something. So the server is run with
      one defect at a time, made by changing one instruction of one class as it is loaded (`org.flywheelmta.mutation` among
      the tests), through the scenario of `SimulationTest` or of `DayTest`. Each defect must be found within the first 200 seeds.

      `./flywheel test` runs the seed of each row with the defect, which must be found, and without it, where nothing may
      be found. `./flywheel test --slow` searches anew and compares this page with what it finds; it leaves the new page in
      `server/target/mutations.md`. A defect whose place is not in its method exactly once fails both.

      Seeds begin at 1. What was found is the first thing that was noticed, by an invariant, by a check of the server
      itself, or by the judge at the end.

      | defect | what it breaks | place | run by | seed | found |
      |---|---|---|---|---|---|
      """;

  /**
   * One line.
   *
   * @param seed the first that finds it
   */
  record Row(Mutation mutation, long seed, String finding) {
    String text() {
      var cells =
          List.of(
              mutation.name(),
              mutation.breaks(),
              "`" + mutation.place() + "`",
              "`" + mutation.scenario().test() + "`",
              Long.toString(seed),
              shown(finding));
      return "| " + String.join(" | ", cells) + " |\n";
    }

    private static String shown(String finding) {
      var text = finding.replace('|', '/');
      return text.length() <= FINDING_MOST ? text : text.substring(0, FINDING_MOST) + "…";
    }
  }

  private Table() {}

  /** The whole page. */
  static String page(List<Row> rows) {
    var page = new StringBuilder(HEAD);
    rows.forEach(row -> page.append(row.text()));
    return page.toString();
  }

  /** The seed of each defect in a page, by name. */
  static Map<String, Long> seeds(String page) {
    var seeds = new LinkedHashMap<String, Long>();
    for (var line : rows(page)) {
      var cells = line.split(" \\| ", -1);
      seeds.put(cells[0].substring(2), Long.valueOf(cells[4]));
    }
    return seeds;
  }

  private static List<String> rows(String page) {
    var rows = new ArrayList<String>();
    page.lines().filter(line -> line.startsWith("| ")).skip(1).forEach(rows::add);
    return rows;
  }

  /** True when the page tells of the defect as the list does. */
  static boolean describes(String page, Mutation mutation) {
    var start =
        "| "
            + mutation.name()
            + " | "
            + mutation.breaks()
            + " | `"
            + mutation.place()
            + "` | `"
            + mutation.scenario().test()
            + "` | ";
    return rows(page).stream().anyMatch(line -> line.startsWith(start));
  }
}
