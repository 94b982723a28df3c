package org.flywheelmta.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** Where the value of an option comes from when several scopes set it. */
final class FallbackTest {
  /** Every level of a delivery, most specific first; each sets max_outbound_connections to $. */
  private static final List<String> DELIVERY =
      List.of(
          "binding_group G { binding B { domain d.example { $ } } }",
          "binding_group G { binding B { domain '/^d/' { $ } } }",
          "binding_group G { binding B { domain '/example/' { $ } } }",
          "binding B { domain d.example { $ } }",
          "binding B { domain '/d/' { $ } }",
          "binding_group G { domain d.example { $ } }",
          "binding_group G { domain '/d/' { $ } }",
          "binding_group G { binding B { $ } }",
          "binding B { $ }",
          "binding_group G { $ }",
          "domain d.example { $ }",
          "domain '/d/' { $ }",
          "domain '/e/' { $ }",
          "$");

  private static final List<String> HOST =
      List.of(
          "binding_group G { binding B { host h.example { $ } } }",
          "binding_group G { binding B { host '/h/' { $ } } }",
          "binding_group G { host h.example { $ } }",
          "binding_group G { host '/h/' { $ } }",
          "binding B { host h.example { $ } }",
          "binding B { host '/h/' { $ } }",
          "host h.example { $ }",
          "host '/h/' { $ }");

  /** Makes the binding a member of its group where no level in the text does. */
  private static final String MEMBER = "binding_group G { binding B { } }\n";

  @Test
  void everyLevelOfADeliveryComesBeforeThoseBelowIt() {
    for (int first = 0; first < DELIVERY.size(); first++) {
      var generation = Configured.by(Sample.SCHEMA, text(DELIVERY, first));
      assertThat(generation.domain("B", "d.example").get(Sample.CONNECTIONS))
          .as(DELIVERY.get(first))
          .isEqualTo(first + 1);
    }
  }

  @Test
  void domainsAreTheSameInEitherSpelling() {
    for (var written :
        List.of("B\u00fccher.example", "xn--bcher-kva.example", "b\u00fccher.example.")) {
      var generation =
          Configured.by(
              Sample.SCHEMA, "domain \"" + written + "\" { max_outbound_connections = 7 }");
      for (var asked : List.of("b\u00dccher.example", "XN--BCHER-KVA.example")) {
        assertThat(generation.domain(asked).get(Sample.CONNECTIONS)).as(written).isEqualTo(7);
      }
      assertThat(generation.domain("-\u00fc.example").get(Sample.CONNECTIONS)).isNotEqualTo(7);
    }
  }

  @Test
  void everyLevelOfAHostComesBeforeThoseBelowIt() {
    for (int first = 0; first < HOST.size(); first++) {
      var generation = Configured.by(Sample.SCHEMA, text(HOST, first));
      assertThat(generation.host("B", "h.example").get(Sample.HOST_CONNECTIONS))
          .as(HOST.get(first))
          .isEqualTo(first + 1);
    }
  }

  /** The levels from {@code first} on, each with its own number. */
  private static String text(List<String> levels, int first) {
    var lines = new ArrayList<String>();
    for (int i = first; i < levels.size(); i++) {
      lines.add(levels.get(i).replace("$", "max_outbound_connections = " + (i + 1)));
    }
    return MEMBER + String.join("\n", lines);
  }

  @Test
  void aHostNeverFallsBackToDomainBindingOrTopLevel() {
    var generation =
        Configured.by(
            Sample.SCHEMA,
            """
            max_outbound_connections = 1
            domain h.example { max_outbound_connections = 2 }
            binding B { max_outbound_connections = 3 }
            """);

    assertThat(generation.host("B", "h.example").get(Sample.HOST_CONNECTIONS)).isEqualTo(-1);
    assertThat(generation.host("h.example").get(Sample.CONNECTIONS)).isEqualTo(32);
  }

  @Test
  void exactNameThatDoesNotSetTheOptionLeavesItToThePatterns() {
    var generation =
        Configured.by(
            Sample.SCHEMA,
            """
            domain d.example { retry_interval = 5 }
            domain "/nothing/" { max_outbound_connections = 1 }
            domain "/^d/" { retry_interval = 6 }
            domain "/example$/" { max_outbound_connections = 2 retry_interval = 7 }
            """);

    var domain = generation.domain("d.example");
    assertThat(domain.get(Sample.CONNECTIONS)).isEqualTo(2);
    assertThat(domain.get(Sample.RETRY_INTERVAL)).isEqualTo(5_000_000_000L);
    assertThat(generation.domain("D2.EXAMPLE").get(Sample.RETRY_INTERVAL))
        .isEqualTo(6_000_000_000L);
  }

  @Test
  void bindingNamesKeepTheirCaseAndDomainNamesDoNot() {
    var generation =
        Configured.by(
            Sample.SCHEMA,
            "Binding B { EHLO_hostname = a }  DOMAIN D.Example { Max_Outbound_Connections = 3 }");

    assertThat(generation.binding("B").get(Sample.EHLO)).isEqualTo("a");
    assertThat(generation.binding("b").get(Sample.EHLO)).isEqualTo("localhost");
    assertThat(generation.domain("d.EXAMPLE").get(Sample.CONNECTIONS)).isEqualTo(3);
    assertThat(generation.domain("/d/").get(Sample.CONNECTIONS)).isEqualTo(32);
  }

  @Test
  void foundSaysWhichScopeSetTheValueAndWhere() {
    var generation =
        Configured.by(
            Sample.SCHEMA, "binding B {\n  domain \"/d/\" { max_outbound_connections = 3 }\n}");

    var found = generation.domain("B", "d.example").find(Sample.CONNECTIONS);
    assertThat(found.value()).isEqualTo(3);
    assertThat(found.scope()).isEqualTo("binding \"B\" > domain \"/d/\"");
    assertThat(found.at()).hasToString("Optional[flywheel.conf:2:18]");
    var unset = generation.global().find(Sample.CONNECTIONS);
    assertThat(unset).isEqualTo(new Found<>(32, "default", Optional.empty()));
  }

  @Test
  void generationListsBindingsAndTheirGroups() {
    var generation =
        Configured.by(
            Sample.SCHEMA,
            "binding z { }\nbinding_group G { ehlo_hostname = g binding a { } binding z { } }");

    assertThat(generation.bindings()).containsOnlyKeys("a", "z");
    assertThat(generation.bindings().get("z")).hasToString("flywheel.conf:1:1");
    assertThat(generation.groupOf("a")).contains("G");
    assertThat(generation.groupOf("other")).isEmpty();
    assertThat(generation.group("G").get(Sample.EHLO)).isEqualTo("g");
    assertThat(generation.group("other").get(Sample.EHLO)).isEqualTo("localhost");
  }

  @Test
  void aPatternThatNeverEndsMatchesNothing() {
    var generation =
        Configured.by(
            Sample.SCHEMA, "domain \"/^(a+)+(a+)+(a+)+$/\" { max_outbound_connections = 1 }");

    var deep = Configured.by(Sample.SCHEMA, "domain '/^(a?){200000}$/' { retry_interval = 1 }");
    assertThat(deep.domain("b").get(Sample.RETRY_INTERVAL)).isEqualTo(1_200_000_000_000L);
    assertThat(generation.domain("a".repeat(200) + "b").get(Sample.CONNECTIONS)).isEqualTo(32);
    assertThat(generation.domain("aaa").get(Sample.CONNECTIONS)).isEqualTo(1);
    assertThat(generation.domain("a".repeat(Limits.NAME_LENGTH + 1)).get(Sample.CONNECTIONS))
        .isEqualTo(32);
  }
}
