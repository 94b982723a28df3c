package org.flywheelmta.house;

import java.lang.classfile.ClassModel;
import java.lang.classfile.constantpool.StringEntry;
import java.lang.classfile.constantpool.Utf8Entry;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;

/** The floors of the house, and the rule that arrows between rooms only point down. */
final class Floors {
  /** Every room, floor by floor; one that is not built yet has its place already. */
  private static final List<List<String>> PLAN =
      List.of(
          List.of("base"),
          List.of("scheduler"),
          List.of("disk", "hook", "command"),
          List.of("config"),
          List.of("event", "module"),
          List.of("net", "dns"),
          List.of("message"),
          List.of("spool"),
          List.of("domain"),
          List.of("auth", "web"),
          List.of("intake"),
          List.of("smtp", "ecstream", "smpp", "mm7", "xmpp"),
          List.of("bounce", "policy", "control", "api", "sandbox", "exporters"),
          List.of("main"));

  private static final Map<String, Integer> FLOORS = floors();

  /** Names of our classes, wherever a class file mentions them: calls, types, annotations. */
  private static final Pattern OURS = Pattern.compile("org/flywheelmta/[A-Za-z0-9_$/]+");

  private Floors() {}

  /** Every arrow of {@code compiled} that points up or sideways, and every room without a floor. */
  static List<String> complaints(Compiled compiled) {
    var complaints = new ArrayList<String>();
    var homeless = new TreeSet<String>();
    compiled
        .models()
        .forEach(
            (name, model) -> {
              var room = Compiled.room(name);
              if (FLOORS.containsKey(room)) {
                for (var used : mentions(model)) {
                  arrow(name, room, used, complaints);
                }
              } else {
                homeless.add(room.isEmpty() ? "the root package" : "`" + room + "`");
              }
            });
    for (var room : homeless) {
      complaints.add(
          room + " is on no floor; give it its place in `house.Floors` and in the architecture");
    }
    return complaints;
  }

  private static void arrow(String from, String room, String to, List<String> complaints) {
    var other = Compiled.room(to);
    var floor = FLOORS.get(room);
    var otherFloor = FLOORS.get(other);
    if (floor == null || otherFloor == null || room.equals(other) || otherFloor < floor) {
      return;
    }
    var names = "`" + Compiled.plain(from) + "` calls ";
    var target = "`" + Compiled.plain(to) + "`";
    complaints.add(
        otherFloor > floor
            ? names + "up into " + target + "; declare an interface in `" + room + "` instead"
            : names
                + "sideways into "
                + target
                + "; declare what both need on a floor below and join them in `main`");
  }

  private static Set<String> mentions(ClassModel model) {
    var literals = new HashSet<Integer>();
    for (var entry : model.constantPool()) {
      if (entry instanceof StringEntry literal) {
        literals.add(literal.utf8().index());
      }
    }
    var names = new TreeSet<String>();
    for (var entry : model.constantPool()) {
      if (entry instanceof Utf8Entry text && !literals.contains(text.index())) {
        var matcher = OURS.matcher(text.stringValue());
        while (matcher.find()) {
          names.add(matcher.group());
        }
      }
    }
    return names;
  }

  private static Map<String, Integer> floors() {
    var floors = new LinkedHashMap<String, Integer>();
    for (int floor = 0; floor < PLAN.size(); floor++) {
      for (var room : PLAN.get(floor)) {
        floors.put(room, floor);
      }
    }
    return floors;
  }
}
