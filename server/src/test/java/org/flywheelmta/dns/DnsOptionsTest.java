package org.flywheelmta.dns;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetSocketAddress;
import java.util.concurrent.TimeUnit;
import org.flywheelmta.config.Configured;
import org.flywheelmta.config.Loaded;
import org.flywheelmta.config.Schema;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class DnsOptionsTest {
  private static Schema schema() {
    var schema = Schema.builder();
    DnsOptions.declare(schema);
    return schema.build();
  }

  private static DnsSettings settings(String text) {
    return DnsOptions.settings(Configured.by(schema(), text).global());
  }

  @Test
  void serversHaveAPortWhereItIsNotTheUsualOne() {
    assertThat(
            settings(
                    "dns_servers = ( 192.0.2.1, \"192.0.2.2:5353\", \"2001:db8::1\","
                        + " \"[2001:db8::2]:5353\" )\n")
                .servers())
        .containsExactly(
            new InetSocketAddress("192.0.2.1", 53),
            new InetSocketAddress("192.0.2.2", 5353),
            new InetSocketAddress("2001:db8::1", 53),
            new InetSocketAddress("2001:db8::2", 5353));
    assertThat(settings("dns_servers = 192.0.2.1\n").servers()).hasSize(1);
  }

  @Test
  void valuesOfTheConfigurationAreInForce() {
    var settings =
        settings(
            """
            dns_timeout = 250ms
            dns_max_pending = 64
            dns_max_queries_per_second = 2
            dns_cache_size = 3
            dns_min_ttl = 4s
            dns_max_ttl = 5s
            dns_failure_ttl = 6s
            """);
    assertThat(settings)
        .isEqualTo(
            new DnsSettings(
                settings.servers(),
                TimeUnit.MILLISECONDS.toNanos(250),
                64,
                2,
                3,
                TimeUnit.SECONDS.toNanos(4),
                TimeUnit.SECONDS.toNanos(5),
                TimeUnit.SECONDS.toNanos(6)));
    assertThat(settings.servers()).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "dns_servers = dns.example.net",
        "dns_servers = \"dns.example.net:53\"",
        "dns_servers = \"192.0.2.1:0\"",
        "dns_servers = \"192.0.2.1:70000\"",
        "dns_servers = 192.0.2",
        "dns_failure_ttl = 0s",
        "dns_failure_ttl = 6m",
        "dns_timeout = 0s",
        "dns_min_ttl = 10s\ndns_max_ttl = 9s"
      })
  void valuesThatCannotBeMeantAreErrors(String text) {
    assertThat(Configured.load(schema(), text + "\n")).isInstanceOf(Loaded.Failed.class);
  }
}
