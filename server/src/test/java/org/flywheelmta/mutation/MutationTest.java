package org.flywheelmta.mutation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.LongFunction;
import org.flywheelmta.mutation.Mutation.Scenario;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The simulation finds each seeded defect, and nothing in a server that has none. */
@Timeout(600)
final class MutationTest {
  private static final Path PAGE = Path.of("../docs/mutations.md");
  private static final Path NEW_PAGE = Path.of("target/mutations.md");

  // What a server without a defect was found to do, by scenario and seed.
  private static final Map<String, String> GOOD = new HashMap<>();

  static List<Mutation> mutations() {
    return Mutations.ALL;
  }

  private static LongFunction<?> trial(Mutation mutation) {
    return trial(mutation.scenario(), mutation);
  }

  private static LongFunction<?> trial(Scenario scenario, @Nullable Mutation mutation) {
    try {
      var type = new MutantLoader(mutation).loadClass(scenario.trial());
      return (LongFunction<?>) type.getConstructor().newInstance();
    } catch (ReflectiveOperationException failure) {
      throw new IllegalStateException("the trial cannot be loaded", failure);
    }
  }

  private static String finding(LongFunction<?> trial, long seed) {
    return String.valueOf(trial.apply(seed));
  }

  private static String page() throws IOException {
    return Files.readString(PAGE);
  }

  @ParameterizedTest
  @MethodSource("mutations")
  void seedOfTheTableFindsTheDefectAndNothingWithoutIt(Mutation mutation) throws IOException {
    var page = page();
    assertThat(Table.describes(page, mutation)).as("a row in %s", PAGE).isTrue();
    long seed = Table.seeds(page).getOrDefault(mutation.name(), 0L);
    assertThat(finding(trial(mutation), seed)).as("with the defect, seed %d", seed).isNotEmpty();
    var scenario = mutation.scenario();
    var good =
        GOOD.computeIfAbsent(scenario.test() + seed, _ -> finding(trial(scenario, null), seed));
    assertThat(good).as("without the defect, seed %d", seed).isEmpty();
  }

  @Test
  void tableHasTheDefectsOfTheListAndNoOthers() throws IOException {
    assertThat(Table.seeds(page()).keySet())
        .containsExactlyElementsOf(Mutations.ALL.stream().map(Mutation::name).toList());
  }

  @Test
  void placeThatIsNotThereOnceFails() throws ClassNotFoundException {
    var bytes = MutantLoader.bytes("org.flywheelmta.base.Limit");
    var check = Edit.omitCall("Check", "that");
    var once = new Mutation("once", "nothing", "base.Limit", "tryTake", check);
    var other = MutantLoader.bytes("org.flywheelmta.domain.ConnectionLimit");
    var twice = new Mutation("twice", "nothing", "domain.ConnectionLimit", "giveBack", check);
    var nowhere = new Mutation("nowhere", "nothing", "base.Limit", "taken", check);
    assertThat(once.apply(bytes)).isNotEqualTo(bytes);
    assertThatThrownBy(() -> twice.apply(other)).hasMessageContaining("2 times");
    assertThatThrownBy(() -> nowhere.apply(bytes)).hasMessageContaining("0 times");
    // Before a run begins, in which it would pass for something that was found.
    assertThatThrownBy(() -> trial(nowhere)).hasMessageContaining("0 times");
  }

  /** Searches every defect anew and writes the page that follows from it. */
  @Test
  @Tag("slow")
  @Timeout(7200)
  void firstSeedsFindEveryDefectWhereTheTableSays() throws IOException {
    var rows = new ArrayList<Table.Row>();
    var missed = new ArrayList<String>();
    for (var mutation : Mutations.ALL) {
      var row = search(mutation);
      if (row == null) {
        missed.add(mutation.name());
      } else {
        rows.add(row);
      }
    }
    var page = Table.page(rows);
    Files.writeString(NEW_PAGE, page);
    assertThat(missed).as("defects that %d seeds do not find", Mutations.SEEDS).isEmpty();
    assertThat(page).as("copy server/%s to docs/", NEW_PAGE).isEqualTo(page());
  }

  private static Table.@Nullable Row search(Mutation mutation) {
    var trial = trial(mutation);
    for (long seed = 1; seed <= Mutations.SEEDS; seed++) {
      var finding = finding(trial, seed);
      if (!finding.isEmpty()) {
        return new Table.Row(mutation, seed, finding);
      }
    }
    return null;
  }
}
