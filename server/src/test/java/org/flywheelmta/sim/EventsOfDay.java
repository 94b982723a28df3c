package org.flywheelmta.sim;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import org.flywheelmta.base.NonThreadSafe;
import org.flywheelmta.disk.SimDisk;

/**
 * What the server's event log says of ends that are no deliveries, over all lives of the server.
 */
@NonThreadSafe
final class EventsOfDay {
  private static final Pattern END =
      Pattern.compile("\"type\":\"(bounce|expiry|discard)\".*\"recipient\":\"([^\"]*)\"");

  private final Set<Path> read = new LinkedHashSet<>();
  private final Map<String, Integer> bounces = new LinkedHashMap<>();
  private final Set<String> givenUp = new LinkedHashSet<>();

  /**
   * Reads what a life has left on the disk, also what a power cut will take: when it has ended, and
   * before the next one begins.
   */
  void read(SimDisk disk) {
    for (var file : disk.files()) {
      var name = file.getFileName().toString();
      if (name.startsWith("events-") && name.endsWith(".jsonl") && read.add(file)) {
        new String(disk.bytes(file), StandardCharsets.UTF_8).lines().forEach(this::readLine);
      }
    }
  }

  private void readLine(String line) {
    var end = END.matcher(line);
    if (!end.find()) {
      return;
    }
    if (end.group(1).equals("bounce")) {
      bounces.merge(end.group(2), 1, Integer::sum);
    } else {
      givenUp.add(end.group(2));
    }
  }

  /** How often each recipient failed for good. */
  Map<String, Integer> bounces() {
    return bounces;
  }

  /** The recipients that were given up for another reason. */
  Set<String> givenUp() {
    return givenUp;
  }
}
