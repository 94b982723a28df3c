package org.flywheelmta.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** The configurations that the public surface promises. */
final class SurfaceTest {
  private static final String PRODUCTION =
      """
      # conf/production.conf (excerpt)
      eventloop "events" { concurrency = 2 }
      threadpool "CPU" { concurrency = 2 }
      spool { path = "spool" }

      esmtp_listener {
        event_loop = "events"
        listen "[::]:25" {
          peer "192.0.2.0/24" { relay_hosts = ( "192.0.2.0/24" ) }
        }
      }
      http_listener { listen "127.0.0.1:8025" { } }
      control_listener { listen "control.sock" { file_mode = 0600 } }

      binding "default" { ehlo_hostname = "mta.example.net" }
      domain "example.com" { max_outbound_connections = 20  retry_interval = 20m }
      domain "/\\.example\\.org$/" { gateway = "relay.example.net:25" }
      """;

  @Test
  void threeLinesMakeARelay() {
    var generation =
        Configured.by(
            Sample.SCHEMA,
            """
            gateway = "127.0.0.1:2600"
            spool { path = "spool" }
            esmtp_listener { listen "127.0.0.1:2525" { relay_hosts = ( "127.0.0.0/8" ) } }
            """);

    assertThat(generation.number()).isEqualTo(1);
    assertThat(generation.domain("default", "anything.example").get(Sample.GATEWAY))
        .contains(new HostPort("127.0.0.1", 2600));
    assertThat(generation.stanzas(Sample.SPOOL).getFirst().scope().get(Sample.PATH))
        .isEqualTo("spool");
    var listen = generation.listeners(Sample.ESMTP).getFirst().listens().getFirst();
    assertThat(listen.address()).isEqualTo("127.0.0.1:2525");
    assertThat(listen.scopeFor(new byte[] {127, 0, 0, 1}).get(Sample.RELAY_HOSTS))
        .isEqualTo(List.of(Cidr.of("127.0.0.0/8")));
  }

  @Test
  void productionExcerptHolds() {
    var generation = Configured.by(Sample.SCHEMA, PRODUCTION);

    var pool = generation.stanzas(Sample.EVENTLOOP).getFirst();
    assertThat(pool.name()).isEqualTo("events");
    assertThat(pool.scope().get(Sample.CONCURRENCY)).isEqualTo(2);
    var listener = generation.listeners(Sample.ESMTP).getFirst();
    assertThat(listener.scope().get(Sample.EVENT_LOOP)).isEqualTo("events");
    var listen = listener.listens().getFirst();
    assertThat(listen.address()).isEqualTo("[::]:25");
    assertThat(listen.scopeFor(new byte[] {(byte) 192, 0, 2, 9}).get(Sample.RELAY_HOSTS))
        .hasSize(1);
    assertThat(listen.scopeFor(new byte[] {(byte) 192, 0, 3, 9}).get(Sample.RELAY_HOSTS)).isEmpty();
    var control = generation.listeners(Sample.CONTROL).getFirst().listens().getFirst();
    assertThat(control.scope().get(Sample.FILE_MODE)).isEqualTo(0600);
    assertThat(generation.binding("default").get(Sample.EHLO)).isEqualTo("mta.example.net");
    var domain = generation.domain("default", "Example.COM.");
    assertThat(domain.get(Sample.CONNECTIONS)).isEqualTo(20);
    assertThat(domain.get(Sample.RETRY_INTERVAL)).isEqualTo(TimeUnit.MINUTES.toNanos(20));
    assertThat(generation.domain("mail.example.org").get(Sample.GATEWAY))
        .isEqualTo(Optional.of(new HostPort("relay.example.net", 25)));
    assertThat(generation.domain("example.org.example").get(Sample.GATEWAY)).isEmpty();
  }
}
