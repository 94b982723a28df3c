package org.flywheelmta.house;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.flywheelmta.house.Sizes.Exemption;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class TidyTest {
  /** What may be longer than the rules of size allow: three names at most. */
  private static final List<Exemption> EXEMPTIONS = List.of();

  @Test
  void filesAndMethodsAreSmall() {
    Complaints.none(Sizes.complaints(Sources.repository(), EXEMPTIONS));
  }

  @Test
  void mostFilesAreReadInOneSitting() {
    Complaints.none(Sizes.spread(Sources.repository()));
  }

  @Test
  void namesCommentsAndBlanksKeepTheManners() {
    var repository = Sources.repository();
    assertThat(repository.files()).hasSizeGreaterThan(5);
    Complaints.none(Manners.complaints(repository));
  }

  @Test
  void doorsAreUsed() {
    Complaints.none(Doors.complaints(Compiled.server()));
  }

  @Test
  void methodOf71LinesIsTooLong() {
    assertThat(Sizes.complaints(methodOf(70), List.of())).isEmpty();
    assertThat(Sizes.complaints(methodOf(71), List.of()))
        .containsExactly(
            "server/src/main/java/org/flywheelmta/spool/Long.java:3: `Long.walk` has 71 lines of"
                + " 70; give its steps names of their own");
  }

  @Test
  void fileOf701LinesIsTooLong() {
    assertThat(Sizes.complaints(fileOf(700), List.of())).isEmpty();
    assertThat(Sizes.complaints(fileOf(701), List.of())).hasSize(1);
  }

  @Test
  void exceptionOfSizeNeedsReasonAndUse() {
    var good = new Exemption("Long.walk", "one table of states");
    var other = new Exemption("Wide.java", "one table of codes");
    assertThat(Sizes.complaints(methodOf(71), List.of(good))).isEmpty();
    assertThat(Sizes.complaints(methodOf(70), List.of(good)))
        .containsExactly("the exception `Long.walk` is not needed any more; take it off the list");
    assertThat(Sizes.complaints(methodOf(71), List.of(new Exemption("Long.walk", " ")))).hasSize(1);
    assertThat(Sizes.complaints(methodOf(71), List.of(good, other, other, other)))
        .contains("there are more than 3 exceptions of size; split one of them");
  }

  @Test
  void largeMedianIsTold() {
    assertThat(Sizes.spread(fileOf(150))).isEmpty();
    assertThat(Sizes.spread(fileOf(151))).hasSize(1);
    assertThat(Sizes.spread(fileOf(400))).hasSize(2);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          class QueueManager {}                               | the name `QueueManager` does not say
          class A { record HostData(int a) {} }               | the name `HostData` does not say
          class A { int getSize() { return 1; } }             | `A.getSize` is an accessor
          class A { void f() throws Exception { Thread.sleep(1); } } | `Thread.sleep` is not used here
          class A { void f(Exception e) { e.printStackTrace(); } } | `e.printStackTrace` is not used
          class A { @Disabled void f() {} }                   | `@Disabled` is not used here
          class A { java.io.ObjectInputStream in; }           | nothing
          class A { ObjectInputStream in; }                   | `ObjectInputStream` is not used here
          class A { int getSize(int at) { return at; } }      | nothing
          class A { @Override public String getName() { return ""; } } | nothing
          """)
  void mannersAreChecked(String type, String complaint) {
    var page = "/** A. */ @NullMarked package org.flywheelmta.spool;";
    var found = Manners.complaints(Sources.of("package org.flywheelmta.spool;\n" + type, page));
    if (complaint.equals("nothing")) {
      assertThat(found).isEmpty();
    } else {
      assertThat(found).singleElement().asString().contains(complaint);
    }
  }

  @Test
  void promisesTabsAndBlanksAreTold() {
    var page = "/** A. */ @NullMarked package org.flywheelmta.spool;";
    var text = "package org.flywheelmta.spool;\nclass A { // TO" + "DO: more\n\tint a; \n}\n";
    assertThat(Manners.complaints(Sources.of(text, page)))
        .satisfiesExactly(
            promise -> assertThat(promise).contains("A.java:2: a promise in a comment"),
            tab -> assertThat(tab).contains("A.java:3: a tab"),
            blank -> assertThat(blank).contains("A.java:3: blanks at the end"));
  }

  @Test
  void packageWithoutPageIsTold() {
    assertThat(Manners.complaints(Sources.of("package org.flywheelmta.spool; class A {}")))
        .singleElement()
        .asString()
        .contains("spool has no package-info.java with @NullMarked");
  }

  @Test
  void satelliteMayPaceItselfAndItsTestsMayNot() {
    var text = "package t; class A { void f() throws Exception { Thread.sleep(1); } }";
    assertThat(Manners.complaints(Sources.at("torture/src/test/java/t/A.java", text))).hasSize(1);
    assertThat(Manners.complaints(Sources.at("torture/src/main/java/t/A.java", text)))
        .noneMatch(complaint -> complaint.contains("sleep"));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          long f() { return System.nanoTime(); }                 | java.lang.System.nanoTime
          java.util.function.LongSupplier f = System::nanoTime;  | java.lang.System.nanoTime
          Object f = new java.util.Random(1);                    | java.util.Random (new)
          Object f = java.util.UUID.randomUUID();                | java.util.UUID.randomUUID
          boolean f(java.nio.file.Path p) { return java.nio.file.Files.exists(p); } | java.nio.file.Files.exists
          Object f = new java.net.Socket();                      | java.net.Socket (new)
          Object f = new io.netty.bootstrap.Bootstrap();         | io.netty.bootstrap.Bootstrap (new)
          Object f = new Thread(() -> {});                       | java.lang.Thread (new)
          Object f = java.util.concurrent.Executors.newCachedThreadPool(); | java.util.concurrent.Executors.newCachedThreadPool
          Object f = ThreadLocal.withInitial(() -> "");          | java.lang.ThreadLocal.withInitial
          void f() throws Exception { Thread.sleep(1); }         | java.lang.Thread.sleep
          Object f = new ProcessBuilder("ls");                   | java.lang.ProcessBuilder (new)
          Object f(java.io.InputStream i) throws Exception { return new java.io.ObjectInputStream(i); } | java.io.ObjectInputStream (new)
          Object f = System.out;                                 | java.lang.System.out
          void f(Exception e) { e.printStackTrace(); }           | java.lang.Exception.printStackTrace
          void f() { System.exit(1); }                           | java.lang.System.exit
          boolean f(String s) { return s.matches("a"); }         | java.lang.String.matches
          Object f = String.format("%d", 1);                     | java.lang.String.format
          Object f = java.util.Map.of("a", 1, "b", 2);           | java.util.Map.of
          synchronized void f() {}                               | `spool.A.f` is synchronized
          void f() { synchronized (this) { hashCode(); } }       | `spool.A.f` is synchronized
          Object f = java.util.Map.of("a", 1);                   | nothing
          Object f = java.util.List.of("a", "b");                | nothing
          """)
  void doorsAreClosed(String member, String complaint) {
    var found =
        Doors.complaints(Compiled.of("package org.flywheelmta.spool; class A { " + member + " }"));
    if (complaint.equals("nothing")) {
      assertThat(found).isEmpty();
    } else {
      assertThat(found).isNotEmpty().allSatisfy(f -> assertThat(f).contains(complaint));
    }
  }

  @Test
  void doorsAreOpenToTheirRooms() {
    var clock = "package org.flywheelmta.base; class A { long f = System.nanoTime(); }";
    var disk =
        """
        package org.flywheelmta.disk;
        class A { boolean f(java.nio.file.Path p) { return java.nio.file.Files.exists(p); } }
        """;
    var main = "package org.flywheelmta.main; class A { Object f = System.out; }";
    assertThat(Doors.complaints(Compiled.of(clock))).isEmpty();
    assertThat(Doors.complaints(Compiled.of(disk))).isEmpty();
    assertThat(Doors.complaints(Compiled.of(main))).isEmpty();
  }

  private static Sources methodOf(int lines) {
    return Sources.of(
        "package org.flywheelmta.spool;\nclass Long {\n  void walk() {\n"
            + "    hashCode();\n".repeat(lines - 2)
            + "  }\n}\n");
  }

  private static Sources fileOf(int lines) {
    return Sources.of(
        "package org.flywheelmta.spool;\nclass Long {\n" + "  // a\n".repeat(lines - 3) + "}\n");
  }
}
