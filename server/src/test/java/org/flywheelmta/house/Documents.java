package org.flywheelmta.house;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.regex.Pattern;

/**
 * What the pages of the repository say about its code: names between backquotes, and links to other
 * pages. A name that nothing has any more makes the page wrong.
 */
record Documents(Map<String, String> pages) {
  private static final Pattern QUOTED = Pattern.compile("`([^`\\n]+)`");
  private static final Pattern TYPE = Pattern.compile("[A-Z][a-z]\\w*(\\.[A-Z][a-z]\\w*)?");
  private static final Pattern TEST = Pattern.compile("([A-Z]\\w*Test)\\.([a-z]\\w*)");
  private static final Pattern OPTION = Pattern.compile("[a-z]+(_[a-z0-9]+)+");
  private static final Pattern LINK = Pattern.compile("\\]\\(([^)#:]+)(?:#[^)]*)?\\)");

  /** The pages at the top of the repository and in its {@code docs} folder. */
  static Documents repository() {
    var root = Sources.root();
    var pages = new LinkedHashMap<String, String>();
    try (var top = Files.list(root);
        var docs = Files.walk(root.resolve("docs"))) {
      for (var folder : List.of(top, docs)) {
        for (var page : folder.filter(f -> f.toString().endsWith(".md")).sorted().toList()) {
          pages.put(root.relativize(page).toString(), Files.readString(page));
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return new Documents(pages);
  }

  /** Links that lead nowhere. */
  List<String> deadLinks(Path root) {
    var complaints = new ArrayList<String>();
    pages.forEach(
        (page, text) -> {
          var links = LINK.matcher(text);
          while (links.find()) {
            if (!Files.exists(root.resolve(page).resolveSibling(links.group(1)).normalize())) {
              complaints.add(page + ": nothing is at " + links.group(1));
            }
          }
        });
    return complaints;
  }

  /** Names on one page that no source has: types, tests, and words with underscores. */
  List<String> unknownNames(String page, Sources sources) {
    var text = pages.get(page);
    if (text == null) {
      return List.of(page + " is missing");
    }
    var types = new TreeSet<String>();
    var tests = new TreeSet<String>();
    for (var source : sources.files()) {
      for (var type : Syntax.types(source, sources.positions())) {
        types.add(type.text());
      }
      for (var method : Syntax.methods(source, sources.positions())) {
        tests.add(method.name());
      }
    }
    var complaints = new ArrayList<String>();
    var quoted = QUOTED.matcher(text);
    while (quoted.find()) {
      var name = quoted.group(1);
      if (!isKnown(name, types, tests, sources)) {
        complaints.add(page + ": no source has `" + name + "`; use the name that the code has");
      }
    }
    return complaints;
  }

  private static boolean isKnown(
      String name, TreeSet<String> types, TreeSet<String> tests, Sources sources) {
    if (TEST.matcher(name).matches()) {
      return tests.contains(name);
    }
    if (TYPE.matcher(name).matches()) {
      return types.contains(name.substring(name.lastIndexOf('.') + 1));
    }
    if (OPTION.matcher(name).matches()) {
      return sources.files().stream()
          .anyMatch(source -> !source.isTest() && source.text().contains('"' + name + '"'));
    }
    return true;
  }
}
