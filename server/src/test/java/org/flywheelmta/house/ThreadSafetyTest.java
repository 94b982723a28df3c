package org.flywheelmta.house;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class ThreadSafetyTest {
  private static final String HEAD =
      "package org.flywheelmta.domain; import org.flywheelmta.base.*; ";
  private static final String SCHEDULER =
      """
      package org.flywheelmta.scheduler;
      @org.flywheelmta.base.ConcurrentThreadSafe
      public class Scheduler { public void check() {} public void post() {} }
      """;

  @Test
  void theHouseSaysWhoMayTouchWhat() {
    Complaints.none(ThreadSafety.complaints(Compiled.server()));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "public class A { int a; }",
        "public interface A { void a(); }",
        "public abstract class A { public static void b() {} public void a() {} }"
      })
  void typeWithoutClassIsTold(String type) {
    assertThat(ThreadSafety.complaints(Compiled.of(HEAD + type)))
        .singleElement()
        .asString()
        .startsWith("`domain.A` says nothing of threads;");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "@NonThreadSafe public class A { int a; }",
        "class A { int a; }",
        "public record A(int a) {}",
        "public enum A { B }",
        "public class A extends IllegalStateException {}",
        "public sealed interface A { record B() implements A {} enum C implements A { D } }",
        "public final class A { private A() {} public static int b() { return 1; } }",
        "public @interface A {}"
      })
  void typeThatNeedsNoClassOrHasItIsFine(String type) {
    assertThat(ThreadSafety.complaints(Compiled.of(HEAD + type))).isEmpty();
  }

  @Test
  void sealedTypeOfChangingThingsIsTold() {
    var type = "public sealed interface A { final class B implements A { int b; } }";
    assertThat(ThreadSafety.complaints(Compiled.of(HEAD + type))).hasSize(1);
  }

  @Test
  void twoClassesAreOneTooMany() {
    var type = "@NonThreadSafe @SingleThreadSafe class A {}";
    assertThat(ThreadSafety.complaints(Compiled.of(HEAD + type)))
        .containsExactly(
            "`domain.A` is of several thread-safety classes, [NonThreadSafe, SingleThreadSafe];"
                + " choose one");
  }

  @Test
  void readOnlyTypeHasFinalFields() {
    var type = "@ReadOnlyThreadSafe class A { final int a = 1; int b; static int c; }";
    assertThat(ThreadSafety.complaints(Compiled.of(HEAD + type)))
        .singleElement()
        .asString()
        .startsWith("`domain.A` is read-only, but its field `b` is not final;");
  }

  @Test
  void readOnlyTypeInheritsNoChangingField() {
    var parent = HEAD + "class B { int b; }";
    var child = HEAD + "@ReadOnlyThreadSafe class A extends B {}";
    assertThat(ThreadSafety.complaints(Compiled.of(parent, child))).hasSize(1);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "@ReadOnlyThreadSafe class A { final B b = new B(); }",
        "@ReadOnlyThreadSafe class A { final java.util.List<B> b = java.util.List.of(); }",
        "public record A(B b) {}"
      })
  void readOnlyTypeHoldsNothingThatBelongsToOneThread(String type) {
    var held = HEAD + "@SingleThreadSafe class B {}";
    assertThat(ThreadSafety.complaints(Compiled.of(held, HEAD + type)))
        .singleElement()
        .asString()
        .startsWith("`domain.A` is read-only, but its field `b` holds a `domain.B`");
  }

  @Test
  void entryOfCheckedTypeBeginsWithTheCheck() {
    var type =
        """
        @NonThreadSafe(checked = true)
        public class A {
          final org.flywheelmta.scheduler.Scheduler owner = new org.flywheelmta.scheduler.Scheduler();
          public void good() { owner.check(); hashCode(); }
          public void late() { hashCode(); owner.check(); }
          public int none() { return 1; }
          public void other() { owner.post(); }
          public static int free() { return 1; }
          void inside() { hashCode(); }
        }
        """;
    assertThat(ThreadSafety.complaints(Compiled.of(SCHEDULER, HEAD + type)))
        .satisfiesExactly(
            late -> assertThat(late).startsWith("`domain.A` lets any thread into `late`;"),
            none -> assertThat(none).startsWith("`domain.A` lets any thread into `none`;"),
            other -> assertThat(other).startsWith("`domain.A` lets any thread into `other`;"));
  }

  @Test
  void entryOfUncheckedTypeIsFree() {
    var type = "@NonThreadSafe public class A { public int none() { return 1; } }";
    assertThat(ThreadSafety.complaints(Compiled.of(HEAD + type))).isEmpty();
  }
}
