package org.flywheelmta.house;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Pattern;
import org.flywheelmta.house.Sources.Source;

/** The rules about names, comments and blanks, for product and tests alike. */
final class Manners {
  private static final Pattern EMPTY_NAME =
      Pattern.compile(".*(Manager|Helper|Util|Utils|Impl|Data|Info)");
  private static final Pattern GETTER = Pattern.compile("get[A-Z].*");
  private static final Pattern PROMISE =
      Pattern.compile("(//|/\\*|^\\s*\\*).*\\b(" + "TO" + "DO|FIX" + "ME|X" + "XX)\\b");

  private static final Map<String, String> BANNED = banned();

  private Manners() {}

  static List<String> complaints(Sources sources) {
    var complaints = new ArrayList<String>();
    for (var source : sources.files()) {
      names(source, sources, complaints);
      uses(source, sources, complaints);
      lines(source, complaints);
    }
    packages(sources, complaints);
    return complaints;
  }

  private static void names(Source source, Sources sources, List<String> complaints) {
    for (var type : Syntax.types(source, sources.positions())) {
      if (EMPTY_NAME.matcher(type.text()).matches()) {
        complaints.add(
            type.place()
                + ": the name `"
                + type.text()
                + "` does not say what it is; take the field's word for it");
      }
    }
    for (var method : Syntax.methods(source, sources.positions())) {
      if (method.parameters() == 0
          && !method.overrides()
          && GETTER.matcher(method.plainName()).matches()) {
        complaints.add(
            method.place()
                + ": `"
                + method.name()
                + "` is an accessor; name it after what it gives, without `get`");
      }
    }
  }

  private static void uses(Source source, Sources sources, List<String> complaints) {
    for (var use : Syntax.uses(source, sources.positions())) {
      var instead = BANNED.get(use.text());
      if (instead == null && use.text().endsWith(".printStackTrace")) {
        instead = BANNED.get("printStackTrace");
      }
      if (instead != null && !isPacing(source, use.text())) {
        complaints.add(use.place() + ": `" + use.text() + "` is not used here; " + instead);
      }
    }
  }

  /** The satellite lives in real time beside a real server, so its pace is the clock's. */
  private static boolean isPacing(Source source, String use) {
    return use.equals("Thread.sleep") && source.path().startsWith("torture/src/main/");
  }

  private static void lines(Source source, List<String> complaints) {
    int number = 0;
    for (var line : source.lines()) {
      number++;
      var place = source.path() + ":" + number + ": ";
      if (line.indexOf('\t') >= 0) {
        complaints.add(place + "a tab; indent with blanks, and write \\t in strings");
      }
      if (!line.equals(line.stripTrailing())) {
        complaints.add(place + "blanks at the end of the line; take them away");
      }
      if (PROMISE.matcher(line).find()) {
        complaints.add(place + "a promise in a comment; do it, or record it outside the code");
      }
    }
  }

  private static void packages(Sources sources, List<String> complaints) {
    var pages = new TreeMap<String, Boolean>();
    for (var source : sources.files()) {
      if (!source.isTest()) {
        var folder = source.path().substring(0, source.path().lastIndexOf('/'));
        boolean good =
            source.isPackagePage()
                && source.text().contains("@NullMarked")
                && source.text().contains("/**");
        pages.merge(folder, good, Boolean::logicalOr);
      }
    }
    pages.forEach(
        (folder, good) -> {
          if (!good) {
            complaints.add(
                folder
                    + " has no package-info.java with @NullMarked and a page for newcomers; write"
                    + " what the room is, what it may use, who owns its threads and how it fails");
          }
        });
  }

  private static Map<String, String> banned() {
    var banned = new LinkedHashMap<String, String>();
    banned.put("Thread.sleep", "step the clock, or await the thing itself");
    banned.put("@Disabled", "mend the test or take it away");
    banned.put("ObjectInputStream", "read the fields yourself");
    banned.put("printStackTrace", "report the failure where it can be read");
    return banned;
  }
}
