package org.flywheelmta.auth;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.concurrent.TimeUnit;
import org.flywheelmta.config.Configured;
import org.flywheelmta.config.Generation;
import org.flywheelmta.config.ListenerKind;
import org.flywheelmta.config.Loaded;
import org.flywheelmta.config.Schema;
import org.junit.jupiter.api.Test;

final class AuthOptionsTest {
  private static final ListenerKind LISTENER = ListenerKind.of("esmtp_listener");
  private static final String LISTEN =
      """
      esmtp_listener {
        auth_mechanisms = ( "SCRAM-SHA-256" plain )
        listen "127.0.0.1:25" { auth_allow_clear = on }
        listen "192.0.2.1:25" { }
      }
      """;

  private static Schema schema() {
    var schema = Schema.builder();
    schema.listener(LISTENER);
    AuthOptions.declare(schema);
    return schema.build();
  }

  private static AuthPolicy policy(Generation generation, int listen) {
    var peer = new byte[] {127, 0, 0, 1};
    var listens = generation.listeners(LISTENER).getFirst().listens();
    return AuthOptions.policy(listens.get(listen).scopeFor(peer));
  }

  @Test
  void listenersAndTheirListensHavePoliciesOfTheirOwn() {
    var generation = Configured.by(schema(), LISTEN);
    var both = List.of(Mechanism.SCRAM_SHA_256, Mechanism.PLAIN);
    assertThat(policy(generation, 0)).isEqualTo(new AuthPolicy(both, true));
    assertThat(policy(generation, 1)).isEqualTo(new AuthPolicy(both, false));
  }

  @Test
  void nothingPassesInClearAndNothingIsOldWhereNothingIsSaid() {
    var generation = Configured.by(schema(), "esmtp_listener { listen \"127.0.0.1:25\" { } }\n");
    var policy = policy(generation, 0);
    assertThat(policy.allowClear()).isFalse();
    assertThat(policy.mechanisms()).doesNotContain(Mechanism.SCRAM_SHA_1).hasSize(7);
    assertThat(generation.global().get(AuthOptions.ACCOUNTS_FILE)).isEmpty();
    assertThat(AuthOptions.limits(generation.global())).isEqualTo(GuessLimits.DEFAULT);
  }

  @Test
  void limitsAreThoseOfTheConfiguration() {
    var generation =
        Configured.by(
            schema(),
            """
            auth_address_failures = 3
            auth_name_failures = 4
            auth_forget_time = 5m
            auth_failure_rate = 6
            auth_failure_delay = 0
            """);
    assertThat(AuthOptions.limits(generation.global()))
        .isEqualTo(new GuessLimits(3, 4, TimeUnit.MINUTES.toNanos(5), 6, 0, 0));
  }

  @Test
  void mechanismThatIsNoneIsRefused() {
    var text = "esmtp_listener { auth_mechanisms = ( cram-md5 ) }\n";
    assertThat(Configured.load(schema(), text)).isInstanceOf(Loaded.Failed.class);
  }
}
