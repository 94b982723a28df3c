package org.flywheelmta.house;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The pages that promise something about the code are held to it. */
final class DocumentsTest {
  @ParameterizedTest
  @ValueSource(strings = {"docs/VOCABULARY.md", "docs/PROMISES.md"})
  void everyNameOnThePageIsOneThatTheCodeHas(String page) {
    Complaints.none(Documents.repository().unknownNames(page, Sources.repository()));
  }

  @Test
  void everyLinkLeadsSomewhere() {
    Complaints.none(Documents.repository().deadLinks(Sources.root()));
  }

  @Test
  void namesThatNothingHasAreFound() {
    var page = "`Kept` `Gone` `KeptTest.sentence` `KeptTest.other` `kept_option` `gone_option` `x`";
    var kept = "package a; class Kept { String option = \"kept_option\"; }";
    var sources = Sources.of(kept, "package a; class KeptTest { void sentence() {} }");
    assertThat(new Documents(Map.of("page.md", page)).unknownNames("page.md", sources))
        .containsExactly(
            "page.md: no source has `Gone`; use the name that the code has",
            "page.md: no source has `KeptTest.other`; use the name that the code has",
            "page.md: no source has `gone_option`; use the name that the code has");
  }

  @Test
  void missingPageAndDeadLinkAreFound() {
    var documents = new Documents(Map.of("docs/page.md", "[a](none.md) [b](https://x.test/)"));
    assertThat(documents.unknownNames("docs/other.md", Sources.repository())).hasSize(1);
    assertThat(documents.deadLinks(Path.of("")))
        .containsExactly("docs/page.md: nothing is at none.md");
  }
}
