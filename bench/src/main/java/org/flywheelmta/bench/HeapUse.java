package org.flywheelmta.bench;

import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.OptionalLong;
import java.util.regex.Pattern;

/** The heap of a Java process after a full collection, asked by {@code jcmd} of this JDK. */
final class HeapUse {
  private static final Pattern USED = Pattern.compile("used (\\d+)([KMG])");
  private static final String UNITS = "KMG";
  private static final long KIB = 1_024;
  private static final List<String> OTHERS = List.of("metaspace", "class space");

  private HeapUse() {}

  /** Octets in use; nothing where the process or the program does not answer. */
  static OptionalLong afterCollection(long pid) throws InterruptedException {
    var jcmd = Path.of(System.getProperty("java.home"), "bin", "jcmd").toString();
    var process = Long.toString(pid);
    if (Programs.output(List.of(jcmd, process, "GC.run")).isEmpty()) {
      return OptionalLong.empty();
    }
    return Programs.output(List.of(jcmd, process, "GC.heap_info"))
        .map(HeapUse::used)
        .orElse(OptionalLong.empty());
  }

  /** The sum of what the generations of a heap hold, whatever the collector calls them. */
  static OptionalLong used(String text) {
    long sum = 0;
    boolean known = false;
    for (var line : text.lines().toList()) {
      var used = USED.matcher(line);
      if (OTHERS.stream().noneMatch(line.strip().toLowerCase(Locale.ROOT)::startsWith)
          && used.find()) {
        long unit = KIB;
        for (int i = 0; i < UNITS.indexOf(used.group(2)); i++) {
          unit *= KIB;
        }
        sum += Long.parseLong(used.group(1)) * unit;
        known = true;
      }
    }
    return known ? OptionalLong.of(sum) : OptionalLong.empty();
  }
}
